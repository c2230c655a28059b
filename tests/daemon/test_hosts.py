"""Which host a client gets: one of the configuration, whatever it sends."""

import libvirt
import pytest

from esxdriver.daemon import hosts
from esxdriver.daemon.config import Config

from .conftest import eventually

ONE, TWO, VCENTER = "esx://root@one/", "esx://root@two/", "vpx://admin@vc/DC1"
CONFIG = Config(hosts={"one": ONE, "two": TWO, "vc": VCENTER, "a b": TWO}, default="one")

# What arrives as CONNECT_OPEN's name (libvirt's library has taken transport, host and user away), and the host's URI
CHOICES = [
    ("", ONE),
    ("esx:///", ONE),
    ("esx:///system", ONE),
    ("esx:///session", ONE),
    ("vpx:///system", ONE),
    ("esx:///two", TWO),
    ("esx:///two/", TWO),
    ("esx:///a%20b", TWO),
    ("esx:///system?host=two", TWO),
    ("esx:///?host=two&foo=bar", TWO),
    ("esx:///two?foo=bar", TWO),
    ("vpx:///vc", VCENTER),
    ("esx:///vc", VCENTER),
]


@pytest.mark.parametrize(("name", "uri"), CHOICES)
def test_a_client_names_a_host_by_path_or_parameter(name, uri):
    assert hosts.choose(name, CONFIG) == uri


def test_below_a_vcenter_a_client_may_name_a_part():
    assert hosts.choose("vpx:///vc/cluster1/esx7", CONFIG) == "vpx://admin@vc/DC1/cluster1/esx7"


# What arrives, libvirt's code
REFUSED = [
    ("esx:///three", libvirt.VIR_ERR_NO_CONNECT),
    ("esx:///?host=three", libvirt.VIR_ERR_NO_CONNECT),
    ("esx:///system?host=", libvirt.VIR_ERR_NO_CONNECT),
    ("esx://evil/", libvirt.VIR_ERR_OPERATION_DENIED),
    ("esx://root@evil/?no_verify=1", libvirt.VIR_ERR_OPERATION_DENIED),
    ("esx://one/", libvirt.VIR_ERR_OPERATION_DENIED),
    ("esx:///one/below", libvirt.VIR_ERR_INVALID_ARG),
    ("qemu:///system", libvirt.VIR_ERR_NO_CONNECT),
    ("test:///default", libvirt.VIR_ERR_NO_CONNECT),
    ("esx://[", libvirt.VIR_ERR_INVALID_ARG),
    ("esx:////evil/", libvirt.VIR_ERR_NO_CONNECT),
    ("esx:///..%2fevil", libvirt.VIR_ERR_NO_CONNECT),
    ("//evil/", libvirt.VIR_ERR_OPERATION_DENIED),
]


@pytest.mark.parametrize(("name", "code"), REFUSED)
def test_what_the_configuration_does_not_have_is_refused(name, code):
    with pytest.raises(libvirt.libvirtError) as caught:
        hosts.choose(name, CONFIG)
    assert caught.value.get_error_code() == code


@pytest.mark.parametrize("name", ["esx:///", ""])
def test_without_a_default_a_client_must_name_one(name):
    with pytest.raises(libvirt.libvirtError, match="name one of them \\(one, two\\)"):
        hosts.choose(name, Config(hosts={"one": ONE, "two": TWO}))


def test_other_schemes_are_served_when_the_configuration_says_so():
    assert hosts.choose("test:///two", Config(hosts={"two": TWO}, any_scheme=True)) == TWO


class Conn:
    """A connection that counts how often a watch is started, and that is logged out of."""

    def __init__(self):
        self.watches = self.logouts = 0
        self.backend = self
        self.watch = None

    def share(self):
        pass

    def getURI(self):  # noqa: N802
        return "esx://esx1/"

    def start_watch(self):
        self.watches += 1
        raise libvirt.libvirtError("no watch here")

    def logout(self):
        self.logouts += 1

    def close(self):
        raise AssertionError("clients may have objects of it still")


# How long a host is kept, what has been done when a client has come and gone
KEPT = [(0, 0, 1), (300, 1, 0)]


@pytest.mark.parametrize(("idle", "watches", "logouts"), KEPT)
def test_a_host_that_is_not_kept_is_left_with_its_client_and_watched_only_if_he_stays(idle, watches, logouts):
    config = Config(hosts={"esx1": "esx://esx1/"}, host_idle_timeout=idle, read_ahead=False)
    conn = Conn()
    opened = hosts.Hosts(lambda: config, lambda _uri, _login: conn)
    opened.open("esx:///system", None).release()
    eventually(lambda: (conn.watches, conn.logouts) == (watches, logouts))


def test_a_client_that_stays_has_its_host_watched(monkeypatch):
    monkeypatch.setattr(hosts, "_STAYS", 0.01)
    config = Config(hosts={"esx1": "esx://esx1/"}, host_idle_timeout=0, read_ahead=False)
    conn = Conn()
    opened = hosts.Hosts(lambda: config, lambda _uri, _login: conn)
    client = opened.open("esx:///system", None)
    eventually(lambda: conn.watches == 1)
    client.release()
