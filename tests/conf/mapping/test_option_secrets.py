"""Which options are secret: by their names, by values that show what they are, and which are not."""

import pytest

from esxdriver.conf.mapping.option_secrets import Secrecy, is_secret, secrecy_of

SECRET = """
    guestinfo.userdata guestInfo.UserData guestinfo.metadata guestinfo.vendordata guestinfo.ovfEnv
    guestinfo.ignition.config.data guestinfo.talos.config encryption.keySafe encryption.data
    RemoteDisplay.vnc.Password RemoteDisplay.vnc.key vendor.adminPasswd vendor.PWD vendor.passphrase
    vendor.pass-phrase vendor.passcode vendor.pass vendor.adminPass db_pass vendor.pw vendor.apiToken
    vendor.clientSecret vendor.credentials vendor.privateKey vendor.private-key vendor.PRIVATE_KEY vendor.apiKey
    vendor.API_KEY vendor.accessKey vendor.secretAccessKey vendor.authKey vendor.ssh_key wifi.psk vendor.otp
    vendor.licenseKey vendor.sessionCookie dataFileKey guestinfo.rootpw.token
"""
PRIVATE = """
    guestinfo.hostname guestinfo.ip guestInfo.detailed.data guestinfo.userdata.encoding guestinfo.vmtools.buildNumber
"""
NEITHER = """
    disk.EnableUUID isolation.tools.copy.disable tools.guestinfo vendor.encryption migrate.encryptionMode
    numa.autosize.cookie pciPassthru0.present monitor_control.bypass vendor.compass svga.present keyboard.vusb.enable
    usb.generic.keyboard bios.bootDelay ethernet0.pciSlotNumber sched.cpu.latencySensitivity toolScripts.beforeSuspend
    keyProvider.name sata0:0.fileName nvram
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_an_option_that_holds_a_secret_is_known_by_its_name(name):
    assert secrecy_of(name) is Secrecy.SECRET
    assert is_secret(name)


@pytest.mark.parametrize("name", PRIVATE.split())
def test_what_a_guest_says_of_itself_is_private(name):
    assert secrecy_of(name) is Secrecy.PRIVATE
    assert is_secret(name)


@pytest.mark.parametrize("name", NEITHER.split())
def test_an_ordinary_option_is_shown(name):
    assert secrecy_of(name) is None
    assert not is_secret(name, "an ordinary value")


@pytest.mark.parametrize(
    "value",
    [
        "-----BEGIN PRIVATE KEY-----\nMIIC\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----|0AProc-Type: 4,ENCRYPTED|0AMIIC|0A-----END RSA PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r",
        "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    ],
)
def test_a_value_shows_a_secret_whatever_its_option_is_called(value):
    assert is_secret("vendor.note", value)
