import base64
import re
from dataclasses import replace

import libvirt
import pytest

from esxdriver import recording
from esxdriver.recording.interactions import Interaction
from esxdriver.recording.scrub.scrub import Scrubber
from tests.recording.fakehost import (
    PASSWORD,
    SESSION_KEY,
    FakeHost,
    answer,
    ask,
    envelope,
    login,
    properties,
    request,
)  # fmt: skip

_OPTION = (
    "<extraConfig xsi:type='OptionValue'><key>{}</key><value xsi:type='xsd:string'>hush-hush</value></extraConfig>"
)
_THUMBPRINT = ":".join(["AB"] * 20)

# what: (request, answer): "hush-hush" must be gone from both
HUSH = {
    "password": (request("Login", "<password versionId='8.0'>hush-hush</password>"), ""),
    "user": (request("Login", "<userName>hush-hush</userName>"), ""),
    "SAML header": (
        request(
            "LoginByToken",
            header="<soapenv:Header><w:Security xmlns:w='urn:w'>hush-hush</w:Security></soapenv:Header>",
        ),
        "",
    ),
    "SSPI": (request("LoginBySSPI", "<base64Token>hush-hush</base64Token>"), ""),
    "session": ("", answer("Login", "<returnval><key>hush-hush</key></returnval>")),
    "session's address": ("", answer("LoginByToken", "<returnval><ipAddress>hush-hush</ipAddress></returnval>")),
    "current session": (
        "",
        properties("x").replace(
            "<objects>",
            "<objects><propSet><name>currentSession</name><val xsi:type='UserSession'><key>hush-hush</key>"
            "<userName>hush-hush</userName><fullName>hush-hush</fullName></val></propSet>",
        ),
    ),
    "session list": (
        "",
        properties("x").replace(
            "<objects>",
            "<objects><propSet><name>sessionList</name><val xsi:type='ArrayOfUserSession'><UserSession>"
            "<key>hush-hush</key><ipAddress>hush-hush</ipAddress></UserSession></val></propSet>",
        ),
    ),
    "clone ticket": (
        request("CloneSession", "<cloneTicket>hush-hush</cloneTicket>"),
        answer("AcquireCloneTicket", "<returnval>hush-hush</returnval>"),
    ),
    "local ticket": (
        "",
        answer(
            "AcquireLocalTicket",
            "<returnval><userName>hush-hush</userName><passwordFilePath>hush-hush</passwordFilePath></returnval>",
        ),
    ),
    "generic ticket": (
        "",
        answer("AcquireGenericServiceTicket", "<returnval><id>hush-hush</id></returnval>"),
    ),
    "console ticket": (
        "",
        answer(
            "AcquireTicket",
            "<returnval><ticket>hush-hush</ticket><cfgFile>hush-hush</cfgFile>"
            "<url>wss://host:443/ticket/hush-hush</url><sslThumbprint>hush-hush</sslThumbprint></returnval>",
        ),
    ),
    "guest": (
        request(
            "StartProgramInGuest",
            "<auth xsi:type='NamePasswordAuthentication'><username>hush-hush</username>"
            "<password>hush-hush</password></auth>",
        ),
        "",
    ),
    "guest SAML": (
        request("ListFilesInGuest", "<auth xsi:type='SAMLTokenAuthentication'><token>hush-hush</token></auth>"),
        "",
    ),
    "customization": (
        request(
            "CustomizeVM_Task",
            "<spec><identity><guiUnattended><password><value>hush-hush</value><plainText>true</plainText></password>"
            "</guiUnattended></identity><encryptionKey>hush-hush</encryptionKey></spec>",
        ),
        "",
    ),
    "host": (
        request(
            "AddStandaloneHost_Task",
            "<spec><password>hush-hush</password><vimAccountPassword>hush-hush</vimAccountPassword>"
            "<sslThumbprint>hush-hush</sslThumbprint></spec><license>hush-hush</license>",
        ),
        "",
    ),
    "account": (request("CreateUser", "<user><id>x</id><password>hush-hush</password></user>"), ""),
    "changed password": (
        request("ChangePassword", "<oldPassword>hush-hush</oldPassword><newPassword>hush-hush</newPassword>"),
        "",
    ),
    "key": (request("AddKey", "<key><keyData>hush-hush</keyData></key>"), ""),
    "CHAP": (request("UpdateHba", "<a><chapSecret>hush-hush</chapSecret></a>"), ""),
    "import lease": ("", answer("Lease", "<returnval><deviceUrl><url>https://h/nfc/hush-hush/d</url></deviceUrl></returnval>")),
    "licences": ("", properties("x", licenseKey="hush-hush")),
    "serial number": ("", properties("x", hardware__systemInfo__serialNumber="hush-hush")),
    "service tag": (
        "",
        answer(
            "X", "<otherIdentifyingInfo><identifierValue>hush-hush</identifierValue></otherIdentifyingInfo>"
        ),
    ),
    "a vCenter's UUID": ("", answer("X", "<about><instanceUuid>hush-hush</instanceUuid></about>")),
    "certificate": ("", properties("x", config__certificate="hush-hush")),
    "private key": ("", properties("x", note="-----BEGIN PRIVATE KEY-----\nhush-hush\n-----END PRIVATE KEY-----")),
    "token in a text": ("", properties("x", note="Bearer eyJhbGciOiJ.eyJodXNoaHVzaA.hush-hush")),
    "guestinfo": (request("ReconfigVM_Task", _OPTION.format("guestinfo.userdata")), ""),
    "guestinfo of a guest": ("", answer("X", _OPTION.format("guestinfo.hostname"))),
    "guestinfo by path": (
        "",
        properties("x").replace(
            "<objects>",
            "<objects><propSet><name>config.extraConfig</name><val xsi:type='ArrayOfOptionValue'>"
            + _OPTION.format("guestinfo.userdata").replace("extraConfig", "OptionValue")
            + "</val></propSet>",
        ),
    ),
    "VNC": (request("ReconfigVM_Task", _OPTION.format("RemoteDisplay.vnc.password")), ""),
    "vApp property": (
        "",
        answer("X", "<property><key>0</key><id>admin_password</id><value>hush-hush</value></property>"),
    ),
    "attribute that pyVmomi fetches": (
        request("Fetch", "<prop>hardware.systemInfo.serialNumber</prop>"),
        answer("Fetch", "<returnval xsi:type='xsd:string'>hush-hush</returnval>"),
    ),
    "line of a .vmx": ("", '.encoding = "UTF-8"\nguestinfo.userdata = "hush-hush"\n'),
}  # fmt: skip


def interaction(body="", reply="", **more):
    as_bytes = [one if isinstance(one, bytes) else one.encode() for one in (body, reply)]
    return Interaction("POST", "https://host/sdk", as_bytes[0], 200, "OK", as_bytes[1], **more)


def scrub(*interactions):
    return Scrubber().scrub(interactions)


@pytest.mark.parametrize(("body", "reply"), HUSH.values(), ids=HUSH)
def test_it_is_gone(body, reply):
    dirty = interaction(body, reply)
    assert b"hush-hush" in dirty.body + dirty.answer
    (clean,) = scrub(dirty)
    assert b"hush-hush" not in clean.body + clean.answer
    assert scrub(clean) == [clean]


KEPT = {
    "a machine's name": properties("x", name="web01"),
    "its UUIDs": properties(
        "x",
        config__uuid="564d5c9f-1b2f-4f8e-9e55-1f1d0a5b6c7d",
        config__instanceUuid="52d4c9f0-1b2f-4f8e-9e55-1f1d0a5b6c7d",
    ),
    "a numeric option about passwords": answer(
        "X", "<o><key>Security.PasswordMaxDays</key><value xsi:type='xsd:boolean'>true</value></o>"
    ),
    "an ordinary option": answer("X", "<o><key>svga.present</key><value xsi:type='xsd:string'>TRUE</value></o>"),
    "the key of a device": answer("X", "<device><key>2000</key></device>"),
    "a page token": answer("RetrievePropertiesEx", "<returnval><token>0</token></returnval>"),
    "the user of an event": answer("QueryEvents", "<returnval><userName>root</userName></returnval>"),
}


@pytest.mark.parametrize("reply", KEPT.values(), ids=KEPT)
def test_it_stays(reply):
    (clean,) = scrub(interaction("", reply))
    texts = re.findall(r">([^<>]*\w[^<>]*)<", reply)
    assert texts
    assert re.findall(r">([^<>]*\w[^<>]*)<", clean.answer.decode()) == texts


def text_of(content, name):
    return re.findall(rf"<{name}\b[^>]*>([^<]*)<", content.decode())


def test_a_stand_in_keeps_the_shape_and_what_was_equal_stays_equal():
    first = answer(
        "X", f"<r><serialNumber>{SESSION_KEY}</serialNumber><sslThumbprint>{_THUMBPRINT}</sslThumbprint></r>"
    )
    asked = request("FindByUuid", f"<uuid>{SESSION_KEY}</uuid><instanceUuid>true</instanceUuid>")
    (one, two) = scrub(interaction("", first), interaction(asked))
    assert text_of(one.answer, "serialNumber") == ["00000000-0000-0000-0000-000000000001"]
    assert text_of(two.body, "uuid") == ["00000000-0000-0000-0000-000000000001"]
    assert text_of(one.answer, "sslThumbprint") == [":".join(["00"] * 19 + ["02"])]


def test_the_session_key_the_cookie_and_the_ids_of_the_session_still_join():
    view = answer("CreateContainerView", f"<returnval type='ContainerView'>session[{SESSION_KEY}]52ab</returnval>")
    cookie = {"Set-Cookie": [f'vmware_soap_session="{SESSION_KEY}"; Path=/; HttpOnly']}
    (one, two) = scrub(
        interaction("", answer("Login", f"<returnval><key>{SESSION_KEY}</key></returnval>"), headers=cookie),
        interaction("", view),
    )
    (key,) = text_of(one.answer, "key")
    assert key == "00000000-0000-0000-0000-000000000001"
    assert one.headers == {"Set-Cookie": [f'vmware_soap_session="{key}"; Path=/; HttpOnly']}
    assert text_of(two.answer, "returnval") == [f"session[{key}]52ab"]


def test_a_number_stays_a_number():
    reply = answer("X", "<o><key>a.password.tries</key><value xsi:type='xsd:int'>5</value></o>")
    (clean,) = scrub(interaction("", reply))
    assert text_of(clean.answer, "value") == ["0"]


def test_stand_ins_that_are_there_are_not_given_to_others():
    (first,) = scrub(interaction("", properties("x", serialNumber="ABC123")))
    both = scrub(first, interaction("", properties("x", serialNumber="XYZ789")))
    assert [text_of(one.answer, "val") for one in both] == [["scrubbed-1"], ["scrubbed-2"]]


def test_a_body_that_no_rule_can_read_is_refused():
    with pytest.raises(libvirt.libvirtError, match="no rule can scrub") as raised:
        scrub(interaction("", b"\x89PNG\xff"))
    assert raised.value.get_error_code() == libvirt.VIR_ERR_OPERATION_DENIED


def test_a_recording_of_stock_vcrpy_is_scrubbed_too():
    headers = {
        "Cookie": [f'vmware_soap_session="{SESSION_KEY}"; other=1'],
        "Authorization": ["Basic cm9vdDpodXNoLWh1c2g="],
        "User-Agent": ["pyvmomi on my laptop"],
        "Content-Type": ["text/xml"],
    }
    dirty = replace(
        interaction(request("CurrentTime")), request_headers=headers, url="https://root:pw@esx1.lab/sdk?a=b"
    )
    scrubber = Scrubber()
    (clean,) = scrubber.scrub([dirty])
    assert clean.request_headers == {"Content-Type": ["text/xml"]}
    assert clean.url == "https://host/sdk?a=b"
    assert scrubber.wanted == {SESSION_KEY, "cm9vdDpodXNoLWh1c2g="}


def test_entities_are_not_expanded():
    hostile = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + envelope("<a>&x;</a>").split("?>")[1]
    (clean,) = scrub(interaction("", hostile))
    assert b"root:" not in clean.answer


def test_the_password_is_in_the_file_in_no_form(tmp_path):
    path = tmp_path / "lab.yaml"
    with recording.record(path, FakeHost().connections()) as cassette:
        ask(cassette.connections(), login())
    text = path.read_text()
    assert "S3cret" not in text
    assert SESSION_KEY not in text
    assert base64.b64encode(PASSWORD.encode())[:8].decode() not in text
    assert "User-Agent" not in text
    assert "Cookie: " not in text


def test_scrubbing_a_file_again_leaves_it_as_it_was(tmp_path):
    path = tmp_path / "lab.yaml"
    with recording.record(path, FakeHost().connections()) as cassette:
        ask(cassette.connections(), login())
    before = path.read_bytes()
    assert recording.scrub_file(path) == 0
    assert path.read_bytes() == before
