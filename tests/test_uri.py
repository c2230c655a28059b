import dataclasses

import libvirt
import pytest

from esxdriver import uri
from esxdriver.uri import ConnectURI, Proxy

SHA256 = "0123456789abcdef" * 4
COLONS = ":".join(SHA256[at : at + 2] for at in range(0, 64, 2)).upper()


def esx(host="esx1", port=443, **more):
    return ConnectURI("esx", host, port, **more)


def vpx(*path, **more):
    return ConnectURI("vpx", "vc", 443, path=path, **more)


# text, its meaning, and the canonical text when it differs from the text
URIS = [
    ("esx://esx1/", esx(), None),
    ("esx://esx1", esx(), "esx://esx1/"),
    ("ESX://esx1:443/", esx(), "esx://esx1/"),
    ("esx://Esx1.Example/", esx("Esx1.Example"), None),
    ("esx://root@esx1:8443/", esx(port=8443, user="root"), None),
    ("esx://@esx1:/", esx(), "esx://esx1/"),
    ("esx://a%40b%3ac%2fd@esx1/", esx(user="a@b:c/d"), "esx://a%40b%3Ac%2Fd@esx1/"),
    ("esx://me@corp.example@esx1/", esx(user="me@corp.example"), "esx://me%40corp.example@esx1/"),
    ("esx://[fe80::1%25eth0]:444/", esx("fe80::1%eth0", 444), None),
    ("esx://root@[2001:db8::7]/", esx("2001:db8::7", user="root"), None),
    ("esx://esx1/?transport=http", esx(port=80, transport="http"), None),
    ("esx://esx1:443/?transport=http", esx(transport="http"), None),
    (
        "esx://esx1/?NO_VERIFY=1&Auto_Answer=1",
        esx(no_verify=True, auto_answer=True),
        "esx://esx1/?no_verify=1&auto_answer=1",
    ),
    ("esx://esx1/?no_verify=0;legacy_uuid=1", esx(legacy_uuid=True), "esx://esx1/?legacy_uuid=1"),
    ("esx://esx1/?no_verify=1&no_verify=0", esx(), "esx://esx1/"),
    ("esx://esx1/?proxy=p", esx(proxy=Proxy("p", 1080)), "esx://esx1/?proxy=http://p:1080"),
    ("esx://esx1/?proxy=http://[::1]:3128", esx(proxy=Proxy("::1", 3128)), None),
    ("esx://esx1/?proxy=socks://p", esx(proxy=Proxy("p", 1080, "socks")), "esx://esx1/?proxy=socks://p:1080"),
    *[(f"esx://esx1/?proxy={k}://p:9", esx(proxy=Proxy("p", 9, k)), None) for k in ("socks4", "socks4a", "socks5")],
    ("esx://esx1/?timeout=5", esx(timeout=5), None),
    ("esx://esx1/?vcenter=*", esx(vcenter="*"), None),
    ("esx://esx1/?vcenter=vc.example", esx(vcenter="vc.example"), None),
    ("esx://esx1/?cacert=/a%20b+c.pem", esx(cacert="/a b+c.pem"), "esx://esx1/?cacert=/a%20b%2Bc.pem"),
    ("esx://esx1/?authfile=/x&replay=/y", esx(authfile="/x", replay="/y"), None),
    ("esx://esx1/?disk_mode=elements", esx(disk_mode="elements"), None),
    (f"esx://esx1/?thumbprint={COLONS}", esx(thumbprint=SHA256), f"esx://esx1/?thumbprint={SHA256}"),
    ("vpx://vc/", vpx(), None),
    ("vpx://vc/dc/", vpx("dc"), "vpx://vc/dc"),
    ("vpx://vc//f1/dc//cl/h", vpx("f1", "dc", "cl", "h"), "vpx://vc/f1/dc/cl/h"),
    ("vpx://vc/d%20c/a%2fb/h%25", vpx("d c", "a/b", "h%"), "vpx://vc/d%20c/a%2Fb/h%25"),
]


@pytest.mark.parametrize(("text", "meaning", "canonical"), URIS, ids=[text for text, *_ in URIS])
def test_both_ways(text, meaning, canonical):
    assert uri.parse(text) == meaning
    assert str(meaning) == (canonical or text)
    assert uri.parse(str(meaning)) == meaning


REFUSED = [
    (
        "esx://esx1/?transport=ftp",
        libvirt.VIR_ERR_INVALID_ARG,
        "transport is 'ftp', but it takes http or https",
    ),
    ("esx://esx1/?no_verify=yes", libvirt.VIR_ERR_INVALID_ARG, "no_verify is 'yes', but it takes 0 or 1"),
    ("esx://esx1/?auto_answer=2", libvirt.VIR_ERR_INVALID_ARG, "auto_answer is '2'"),
    ("esx://esx1/?legacy_uuid", libvirt.VIR_ERR_INVALID_ARG, "legacy_uuid is ''"),
    ("esx://esx1/?disk_mode=both", libvirt.VIR_ERR_INVALID_ARG, "attributes or elements or libvirt"),
    ("esx://esx1/?cacert=", libvirt.VIR_ERR_INVALID_ARG, "cacert is ''"),
    ("esx://esx1/?thumbprint=ab:cd", libvirt.VIR_ERR_INVALID_ARG, "64 hexadecimal digits"),
    (f"esx://esx1/?thumbprint={SHA256[:40]}", libvirt.VIR_ERR_INVALID_ARG, "64 hexadecimal digits"),
    ("esx://esx1/?proxy=ftp://p", libvirt.VIR_ERR_INVALID_ARG, "[http|socks|socks4|socks4a|socks5://]host[:port]"),
    ("esx://esx1/?proxy=p:65536", libvirt.VIR_ERR_INVALID_ARG, "[http|socks|socks4|socks4a|socks5://]host[:port]"),
    ("esx://esx1/?proxy=p:http", libvirt.VIR_ERR_INVALID_ARG, "[http|socks|socks4|socks4a|socks5://]host[:port]"),
    ("esx://esx1/?proxy=socks6://p", libvirt.VIR_ERR_INVALID_ARG, "socks5"),
    ("esx://esx1/?timeout=0", libvirt.VIR_ERR_INVALID_ARG, "a number of seconds, 1 to 86400"),
    ("esx://esx1/?timeout=-1", libvirt.VIR_ERR_INVALID_ARG, "a number of seconds"),
    (f"esx://esx1/?timeout={'9' * 5000}", libvirt.VIR_ERR_INVALID_ARG, "a number of seconds"),
    *[(f"esx://esx1/?{name}=a%00b", libvirt.VIR_ERR_INVALID_ARG, f"{name} is 'a\\x00b'") for name in uri.PARAMETERS],
    (f"esx://esx1/?transport=http&thumbprint={SHA256}", libvirt.VIR_ERR_INVALID_ARG, "transport=https"),
    ("gsx://esx1/", libvirt.VIR_ERR_NO_CONNECT, "gsx://"),
    ("qemu:///system", libvirt.VIR_ERR_NO_CONNECT, "esx:// and vpx://"),
    ("esx1", libvirt.VIR_ERR_NO_CONNECT, "esx:// and vpx://"),
    ("esx+ssh://esx1/", libvirt.VIR_ERR_INVALID_ARG, "esx:// without it"),
    ("esx:///", libvirt.VIR_ERR_INVALID_ARG, "scheme://"),
    ("esx://\udcff/", libvirt.VIR_ERR_INVALID_ARG, "%-escapes"),
    ("esx://::1/", libvirt.VIR_ERR_INVALID_ARG, "brackets"),
    ("esx://[::1/", libvirt.VIR_ERR_INVALID_ARG, "brackets"),
    ("esx://esx1:0/", libvirt.VIR_ERR_INVALID_ARG, "65535"),
    ("esx://esx1:65536/", libvirt.VIR_ERR_INVALID_ARG, "65535"),
]


@pytest.mark.parametrize(("text", "code", "part"), REFUSED, ids=[text[:60] for text, *_ in REFUSED])
def test_refused(text, code, part):
    with pytest.raises(libvirt.libvirtError) as caught:
        uri.parse(text)
    assert caught.value.get_error_code() == code
    assert part in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "esx://root:hunter2@esx1/",
        "esx://root:hunt/hunter2@esx1/",
        "esx://root:#hunter2@esx1/",
        "esx://root:hunter2@es\u2100x1/",
        "vpx://a@b:hunter2@vc/dc",
        "esx://esx1/?proxy=http://me:hunter2@p:3128",
    ],
)
def test_a_password_is_refused_and_never_repeated(text, caplog):
    with pytest.raises(libvirt.libvirtError) as caught:
        uri.parse(text)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_INVALID_ARG
    assert "hunt" not in str(caught.value) + str(caught.value.err) + caplog.text
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_unknown_parameters_and_a_host_path_are_warned_of_without_their_values(caplog):
    parsed = uri.parse("esx://esx1/some/path?password=hunter2")
    assert parsed == esx()
    assert parsed.warnings == (
        "ignored the unknown URI parameter 'password'",
        "the path of an esx:// URI is ignored: a host has only one",
    )
    assert not caplog.text, "whoever connects logs them, once"


def test_every_parameter_has_a_field_and_the_other_way_round():
    own = {"scheme", "host", "port", "user", "path", "warnings"}
    assert set(uri.PARAMETERS) | own == {each.name for each in dataclasses.fields(ConnectURI)}


@pytest.mark.parametrize("given", [None, ""])
def test_default_uri(given, monkeypatch):
    monkeypatch.setenv("LIBVIRT_DEFAULT_URI", "esx://esx1/")
    assert uri.default_uri(given) == "esx://esx1/"
    assert uri.default_uri("vpx://vc/") == "vpx://vc/"
    monkeypatch.delenv("LIBVIRT_DEFAULT_URI")
    with pytest.raises(libvirt.libvirtError, match="LIBVIRT_DEFAULT_URI"):
        uri.default_uri(given)
