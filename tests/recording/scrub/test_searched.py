"""What is no secret by itself is taken out at its place, and keeps nothing from being recorded."""

import libvirt
import pytest

from esxdriver import recording
from esxdriver.recording.scrub.searched import Searched, how_searched
from tests.recording.fakehost import FakeHost, answer, ask, login, properties, request

ORDINARY = [
    "TRUE", "false", "0", "1", "12", "2026", "1234567", "-1", "0.5", "yes", "on", "", "none", "a", "x1", "abc",
]  # fmt: skip
PLAIN = ["password", "vmware", "Administrator", "welcome", "production", "root", "virtualdisk", "returnval"]
SECRET = ["S3cret&pw", "12345678", "hunter2", "correct horse", "Zxcvbnmq", "0xdeadbeef", "tr0e", "abcd1", "a-b-"]
VOCABULARY = {"virtualdisk", "returnval"}


@pytest.mark.parametrize(
    ("texts", "how"), [(ORDINARY, Searched.NOT), (PLAIN, Searched.AS_CREDENTIAL), (SECRET, Searched.ANYWHERE)]
)
def test_how_a_value_is_searched_for(texts, how):
    assert {text: how_searched(text, VOCABULARY) for text in texts} == dict.fromkeys(texts, how)


def option(key, value):
    return f'<o><key>{key}</key><value xsi:type="xsd:string">{value}</value></o>'


def record(path, *bodies, ordinary=(), **answers):
    with recording.record(path, FakeHost(**answers).connections(), ordinary=ordinary) as cassette:
        for body in bodies:
            ask(cassette.connections(), body)
    return path.read_text()


def machine(*options, name="web01", note=""):
    return properties("vm-1", name=name, note=note).replace("<objects>", f"<objects>{''.join(options)}")


# Machines of vSphere 8 have these.
REAL = {
    "tools.capability.verifiedSamlToken": "TRUE",
    "guest.commands.sharedSecretLogin.hostd-quiescedsnap": "",
    "guest.commands.sharedSecretLogin.com.vmware.vcDr": "FALSE",
    "RemoteDisplay.vnc.key": "0",
    "vendor.passwd.age": "90",
    "vendor.tokenType": "password",
    "vendor.secretStore": "vmware",
}


def test_options_of_a_real_host_can_be_recorded_and_are_taken_out(tmp_path):
    options = [option(key, value) for key, value in REAL.items()]
    everywhere = machine(*options, option("svga.present", "TRUE"), note="TRUE: 0 of 90, VMware's password dialog")
    text = record(tmp_path / "lab.yaml", login(), request("RetrieveIt"), RetrieveIt=everywhere)
    for key, value in REAL.items():
        assert value == "" or f'<key>{key}</key>\n       <value xsi:type="xsd:string">{value}<' not in text
        assert f"<key>{key}</key>" in text
    assert "TRUE: 0 of 90, VMware's password dialog" in text
    assert recording.check(tmp_path / "lab.yaml") == []


@pytest.mark.parametrize("password", ["vmware", "password", "Welcome", "root", "1234", "production", "true"])
def test_a_password_that_is_a_plain_word_is_taken_out_at_its_place(tmp_path, password):
    reply = machine(name=f"{password}-1", note=f"the {password} machine of VMware")
    text = record(tmp_path / "lab.yaml", login(password), request("RetrieveIt"), RetrieveIt=reply)
    assert f"<password>{password}</password>" not in text
    assert f"{password}-1" in text


@pytest.mark.parametrize(
    "note",
    ["the password: welcome", "password=welcome", 'passwd = "welcome"', "https://root:welcome@h/", "d2VsY29tZQ=="],
)
def test_a_plain_word_is_found_where_a_text_says_that_it_is_a_password(tmp_path, note):
    with pytest.raises(libvirt.libvirtError, match="a secret is left"):
        record(tmp_path / "lab.yaml", login("welcome"), request("RetrieveIt"), RetrieveIt=machine(note=note))
    assert not list(tmp_path.iterdir())


def test_the_error_names_the_option_the_call_and_what_to_do_and_no_secret(tmp_path):
    reply = machine(option("vendor.apiToken", "Zk39-alpha"), note="use Zk39-alpha")
    with pytest.raises(libvirt.libvirtError) as raised:
        record(tmp_path / "lab.yaml", login(), request("RetrieveIt"), RetrieveIt=reply)
    said = str(raised.value)
    assert "option vendor.apiToken of call 2, RetrieveIt is also in call 2, RetrieveIt: answer (raw)" in said
    assert "--ordinary FILE" in said
    assert "Zk39" not in said


def test_a_value_may_be_said_to_be_ordinary(tmp_path):
    reply = machine(option("vendor.apiToken", "Zk39-alpha"), note="use Zk39-alpha")
    text = record(tmp_path / "lab.yaml", login(), request("RetrieveIt"), RetrieveIt=reply, ordinary=["Zk39-alpha"])
    assert "use Zk39-alpha" in text
    assert '<value xsi:type="xsd:string">scrubbed</value>' in text


def test_a_word_of_the_api_is_ordinary(tmp_path):
    reply = machine(option("vendor.secretKind", "RetrievePropertiesEx"), note=answer("X")[:9])
    record(tmp_path / "lab.yaml", request("RetrievePropertiesEx"), RetrievePropertiesEx=reply)
