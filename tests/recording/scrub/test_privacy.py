"""What a site calls its own, kind by kind: none of it is left in a recording with pseudonyms, in whatever form."""

from xml.sax.saxutils import escape

import pytest

from esxdriver.recording.interactions import Interaction
from esxdriver.recording.scrub.pseudonyms import Pseudonyms
from esxdriver.recording.scrub.scan import leaks
from esxdriver.recording.scrub.scrub import Scrubber
from tests.recording.fakehost import answer, properties


def of(kind, **values):
    return properties("x-1", **values).replace('"VirtualMachine"', f'"{kind}"')


def named(name, text=""):
    """Return the answers of a host with a machine of this name, which ``text`` speaks of."""
    return [
        of("VirtualMachine", name=escape(name)),
        answer("X", f"<message>{escape(text or f'on {name} now')}</message>"),
    ]


LUN = "t10.ATA_____Samsung_SSD_850_S252NXAG805106N"
# What it is -> (the host's answers, what must not be left of them).
KINDS = {
    "a name with escapes": (named("acme%25 x%2fy"), ["acme"]),
    "a name with escapes, as people write it": (named("pay%25 x%2froll", "Cannot find pay% x/roll"), ["pay% x/roll"]),
    "a name with XML's characters": (named("a<b> & 'acme'", escape("on a<b> & 'acme'")), ["a<b> & 'acme'"]),
    "a name with umlauts, decomposed": (named("Zürich-Büro", "on Zu\u0308rich-Bu\u0308ro"), ["Zu\u0308rich", "Zürich"]),
    "a name in a URL": (named("Büro 1", "GET /folder/B%C3%BCro%201/x"), ["Büro", "B%C3%BCro"]),
    "a name that begins with an umlaut": (named("Ärzte"), ["Ärzte"]),
    "a name in Chinese": (named("财务", "on财务now"), ["财务"]),
    "an NFS volume": ([answer("X",
        "<nas><name>nfs-acme</name><remoteHost>nas01.corp</remoteHost><remotePath>/export/acme-vm</remotePath>"
        "<remoteHostNames>nas02.corp</remoteHostNames><userName>bob</userName></nas><url>netfs://nas01.corp//export/acme-vm/</url>",
    )], ["acme", "nas01", "nas02", "bob"]),
    "the URL of an NFS volume": ([of("Datastore", info__url="netfs://nas01.corp//export/acme/")], ["nas01", "acme"]),
    "an ESX host's NFS datastore": ([answer("X", "<datastore type='Datastore'>nas01.corp:/export/acme</datastore>")],
                                    ["nas01", "acme"]),
    "the URL of a datastore": ([of("Datastore", summary__url="ds:///vmfs/volumes/a1b2c3d4-e5f60718/")], ["e5f60718"]),
    "a disk by its serial number": ([answer("X",
        f"<deviceName>/vmfs/devices/disks/{LUN}</deviceName><canonicalName>{LUN}</canonicalName><diskName>{LUN}:1</diskName>"
        f"<displayName>Local Disk ({LUN})</displayName><uuid>010000000053323532</uuid>"
        "<key>key-vim.host.ScsiDisk-010000000053323532</key>",
    )], ["S252NXAG805106N", "53323532"]),
    "a LUN": ([answer("X",
        "<diskName>naa.600508b1001c3ab0d4e7</diskName><uuid>0200000000600508b1001c3ab0d4e74c4f47494341</uuid>"
        "<deviceName>vml.0200000000600508b1001c3ab0d4e74c4f47494341</deviceName>"
        "<id>fc.20000000c9a1b2c3:10000000c9a1b2c4-fc.2:1-naa.600508b1001c3ab0d4e7</id>",
    )], ["600508b1001c3ab0d4e7", "c9a1b2c3", "c9a1b2c4"]),
    "iSCSI": ([answer("X",
        "<iScsiName>iqn.1998-01.com.vmware:esx1-4f8a</iScsiName><iScsiAlias>esx1.acme</iScsiAlias><address>10.1.2.3</address>"
        "<iScsiName>iqn.2001-05.com.equallogic:0-8a09</iScsiName><targetName>iqn.2001-05.com.acme:vol</targetName>"
        "<message>lost iqn.2001-05.com.equallogic:0-8a09, iqn.2001-05.com.other:x.acme</message>",
    )], ["4f8a", "acme", "10.1.2.3", "8a09"]),
    "MAC addresses": ([answer("X", "<a>00:50:56:9A:12:34</a><a>00-50-56-9a-12-34</a><a>0050569a1234</a>")],
                      ["9A:12:34", "9a-12-34", "569a1234"]),
    "IP addresses": ([answer("X",
        "<a>fe80::250:56ff:fe9a:1%vmk0</a><a>[fe80::250:56ff:fe9a:1]:443</a><a>::ffff:10.1.2.3</a><a>10.1.2.3/24</a>"
        "<a>2a00:1450:4001::5/64</a><a>https://10.1.2.3:902/</a>",
    )], ["56ff", "2a00:1450", "10.1.2.3"]),
    "UUIDs": ([answer("X",
        "<a>564d5c9f1b2f4f8e9e551f1d0a5b6c7d</a><a>{564D5C9F-1B2F-4F8E-9E55-1F1D0A5B6C7D}</a>"
        "<a>56 4d 5c 9f 1b 2f 4f 8e-9e 55 1f 1d 0a 5b 6c 7d</a>",
    )], ["564d5c9f", "564D5C9F", "56 4d 5c"]),
    "the host's hardware": ([answer("X",
        "<systemInfo><serialNumber>SVC1234</serialNumber><otherIdentifyingInfo><identifierValue>TAG-77</identifierValue>"
        "</otherIdentifyingInfo></systemInfo><assetTag>ACME-1</assetTag><licenseKey>AAAAA-BBBBB-CCCCC-DDDDD-EEEEE</licenseKey>"
        "<deviceName>path:1/1/2 serial:ABC123XYZ version:3</deviceName>",
    )], ["SVC1234", "TAG-77", "ACME-1", "CCCCC", "ABC123XYZ"]),
    "the host's network": ([answer("X",
        "<dnsConfig><hostName>esx1</hostName><domainName>corp.acme</domainName><address>10.9.8.7</address>"
        "<searchDomain>acme.net</searchDomain></dnsConfig><ntpConfig><server>ntp.acme.net</server></ntpConfig>"
        "<defaultGateway>10.0.0.1</defaultGateway>",
    )], ["esx1", "acme", "10.9.8.7", "10.0.0.1"]),
    "files": ([answer("X",
        "<folderPath>[ssd] iso/acme stuff/</folderPath><file><path>acme-win.iso</path><owner>bob</owner></file>"
        "<fileName>[ssd] iso/acme-win.iso</fileName><logDirectory>[ssd] acmelogs/</logDirectory>"
        "<fileName>[ssd] acme/out.txt</fileName>",
    )], ["acme", "bob", "[ssd]"]),
    "serial ports": ([answer("X",
        "<serviceURI>telnet://term.acme:23</serviceURI><proxyURI>telnets://proxy.acme:24</proxyURI><pipeName>acmepipe</pipeName>",
    )], ["acme"]),
    "what guests mount": ([answer("X", "<disk><diskPath>/srv/payroll</diskPath></disk><note>see /srv/payroll</note>")],
                          ["payroll"]),
    "what people write": ([answer("X",
        "<annotation>acme</annotation><customValue><key>1</key><value>acme</value></customValue>"
        "<value xsi:type='CustomFieldStringValue'><key>1</key><value>acme</value></value>"
        "<availableField><name>acme owner</name></availableField><tag><key>acme-tag</key></tag>"
        "<property><id>ip</id><value>acmevalue</value><defaultValue>acme</defaultValue></property>",
    )], ["acme"]),
    "options": ([answer("X",
        "<extraConfig><key>displayName</key><value>acmevm</value></extraConfig>"
        "<extraConfig><key>guestinfo.owner</key><value>acme</value></extraConfig>",
    )], ["acme"]),
    "users": ([answer("X", "<principal>ACME\\bob</principal><userName>ACME\\alice</userName>")], ["bob", "alice"]),
}  # fmt: skip


def scrubbed(answers, *, done=False):
    calls = [Interaction("POST", "https://host/sdk", b"", 200, "OK", each.encode()) for each in answers]
    return [one.answer.decode() for one in Scrubber(Pseudonyms(done=done)).scrub(calls)]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_the_site_is_left(kind):
    answers, secrets = KINDS[kind]
    assert all(list(leaks([("", "".join(answers))], [secret])) for secret in secrets)
    found = scrubbed(answers)
    assert not list(leaks([("", "".join(found))], secrets)), found


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_time_changes_nothing(kind):
    once = scrubbed(KINDS[kind][0])
    assert scrubbed(once, done=True) == once


def test_a_path_and_its_parts_still_join():
    (found,) = scrubbed([answer("X",
        "<fileName>[ssd] payroll/payroll_1-000002.vmdk</fileName><file><path>payroll_1-000002.vmdk</path></file>"
        "<file><path>payroll-Snapshot1.vmsn</path></file><file><path>payroll.nvram</path></file>"
        "<file><path>vmware.log</path></file><fileName>[ssd] iso/acme.iso</fileName><file><path>acme.iso</path></file>",
    )])  # fmt: skip
    for expected in ("[store1] machine1/machine1_1-000002.vmdk", ">machine1_1-000002.vmdk", ">machine1-Snapshot1.vmsn",
                     ">machine1.nvram", ">vmware.log", "[store1] iso/file1.iso", ">file1.iso"):  # fmt: skip
        assert expected in found, found


def test_what_a_processor_says_of_itself_stays():
    register = "b98ceaeef90562967524099b127deb52"
    option = f"<extraConfig><key>hostCPUID.0</key><value>{register}</value></extraConfig>"
    assert register in scrubbed([answer("X", option)])[0]
