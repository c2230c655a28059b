"""The configuration: what its file says, and what it may not."""

import libvirt
import pytest

from esxdriver.daemon import config
from esxdriver.daemon.config import Config

HOSTS = """
[hosts]
esx1 = "esx://root@esx1.example.org/"
vc1 = "vpx://admin@vc1.example.org/DC1/"
"""


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "virtesxd.conf"
        path.write_text(text)
        return config.read(path)

    return read


def refusal(call, *arguments):
    with pytest.raises(libvirt.libvirtError) as caught:
        call(*arguments)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_CONF_SYNTAX
    return str(caught.value)


def test_an_empty_file_is_the_defaults(read):
    assert read("") == Config()


def test_limits_have_libvirtds_names_and_defaults():
    found = Config()
    assert (found.max_clients, found.max_anonymous_clients, found.max_client_requests) == (5000, 20, 5)
    assert (found.max_workers, found.prio_workers, found.tls_port) == (20, 5, "16514")


def test_hosts_have_names(read):
    found = read('default = "vc1"\n' + HOSTS)
    assert found.hosts["esx1"] == "esx://root@esx1.example.org/"
    assert found.default_host == "vc1"


@pytest.mark.parametrize(
    ("text", "default"),
    [("", None), (HOSTS, None), ('[hosts]\none = "esx://one/"', "one")],
)
def test_the_only_host_is_the_default(read, text, default):
    assert read(text).default_host == default


def test_what_libvirtds_file_has_is_read_as_it_is(read):
    found = read('max_clients = 7\nlisten_tls = 1\nunix_sock_group = "libvirt"\ntls_allowed_dn_list = ["CN=a", "CN=b"]')
    assert (found.max_clients, found.listen_tls, found.unix_sock_group) == (7, True, "libvirt")
    assert found.tls_allowed_dn_list == ("CN=a", "CN=b")


# Text of the file, what the refusal says
WRONG = [
    ("max_clients = 0", "max_clients is at least 1"),
    ('max_clients = "7"', "max_clients is a number"),
    ("max_clients = true", "max_clients is a number"),
    ("listen_tls = 2", "listen_tls is true or false"),
    ("unix_sock_group = 5", "unix_sock_group is a text"),
    ('unix_sock_rw_perms = "rw"', "unix_sock_rw_perms is an octal number"),
    ('unix_sock_rw_perms = "7777777"', "unix_sock_rw_perms is an octal number"),
    ('allowed_users = "alice"', "allowed_users is a list of texts"),
    ("allowed_users = [1]", "allowed_users is a list of texts"),
    ('auth_unix = "polkit"', "auth_unix is none or sasl"),
    ("nonsense = 1", "unknown key nonsense"),
    ("hosts = 1", "hosts is a table of names and URIs"),
    ("[hosts]\nesx1 = 1", "hosts.esx1 is a URI"),
    ('[hosts]\nesx1 = "qemu:///system"', "hosts.esx1: "),
    ('default = "none"\n' + HOSTS, "default names no host"),
    ("max_clients =", "it is not TOML"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_file_that_says_no_sense_is_refused_by_the_key(read, text, said):
    assert said in refusal(read, text)


def test_no_secret_of_a_file_is_in_its_refusal(read):
    assert "s3cret" not in refusal(read, '[hosts]\na = "esx://root:s3cret@h/"')


def test_a_named_file_must_be_there_the_usual_one_need_not(tmp_path, monkeypatch):
    assert "it is not there" in refusal(config.read, tmp_path / "none")
    monkeypatch.setattr(config, "usual_path", lambda: tmp_path / "none")
    assert config.read() == Config()


def test_a_host_of_the_command_line_is_the_default_and_has_its_own_name():
    found = Config(hosts={"other": "esx://other/"}).with_host("esx://root@esx1.example.org/")
    assert found.hosts[found.default_host] == found.hosts["esx1.example.org"] == "esx://root@esx1.example.org/"
    assert "other" in found.hosts
