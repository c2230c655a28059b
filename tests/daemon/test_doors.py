"""The doors: sockets whose files are nobody else's, and that are gone in the end."""

import grp
import os
import socket
import stat

import libvirt
import pytest

from esxdriver.daemon import doors, process
from esxdriver.daemon.config import Config
from tests.helpers import failing


def opened(directory, **settings):
    return doors.unix_doors(Config(unix_sock_dir=str(directory), **settings))


def closed(found):
    for door in found:
        door.close()


def modes(directory):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}


def test_sockets_are_the_owners_alone(tmp_path):
    found = opened(tmp_path / "libvirt")
    assert modes(tmp_path / "libvirt") == {doors.NAME: 0o600, doors.READ_ONLY_NAME: 0o600}
    assert [door.read_only for door in found] == [False, True]
    closed(found)
    assert list((tmp_path / "libvirt").iterdir()) == []


def test_a_group_may_come_in_where_the_configuration_names_one(tmp_path):
    group = grp.getgrgid(os.getgid())
    found = opened(tmp_path, unix_sock_group=group.gr_name)
    assert modes(tmp_path) == {doors.NAME: 0o660, doors.READ_ONLY_NAME: 0o660}
    assert (tmp_path / doors.NAME).stat().st_gid == group.gr_gid
    closed(found)


def test_permissions_are_the_configurations(tmp_path):
    found = opened(tmp_path, unix_sock_rw_perms="0700", unix_sock_ro_perms="0777")
    assert modes(tmp_path) == {doors.NAME: 0o700, doors.READ_ONLY_NAME: 0o777}
    closed(found)


def test_a_socket_gets_its_name_when_it_can_be_opened(tmp_path, monkeypatch):
    """Libvirt tries again while a socket is missing, and gives up at one that it may not open yet."""
    there = []

    class Watched(socket.socket):
        def bind(self, where):
            super().bind(where)
            there.append((tmp_path / doors.NAME).exists())

        def listen(self, *backlog):
            super().listen(*backlog)
            there.append((tmp_path / doors.NAME).exists())

    monkeypatch.setattr(socket, "socket", Watched)
    found = doors.unix_doors(Config(unix_sock_dir=str(tmp_path)))
    assert there[:2] == [False, False]
    closed(found)


def test_a_socket_that_cannot_be_made_leaves_nothing(tmp_path):
    with pytest.raises(libvirt.libvirtError, match="no group is called nobody-at-all"):
        opened(tmp_path, unix_sock_group="nobody-at-all")
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_daemon_left_is_replaced(tmp_path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / doors.NAME))
    closed(opened(tmp_path))


def test_a_socket_that_is_served_stays(tmp_path):
    first = opened(tmp_path)
    with pytest.raises(libvirt.libvirtError, match="another virtesxd listens"):
        opened(tmp_path)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / doors.NAME))
    closed(first)


def test_a_file_that_is_no_socket_stays(tmp_path):
    (tmp_path / doors.NAME).write_text("somebody's")
    with pytest.raises(libvirt.libvirtError, match="is no socket"):
        opened(tmp_path)
    assert (tmp_path / doors.NAME).read_text() == "somebody's"


def test_a_group_that_is_none_is_refused(tmp_path):
    with pytest.raises(libvirt.libvirtError, match="no group is called nobody-at-all"):
        opened(tmp_path, unix_sock_group="nobody-at-all")


# Environment, user's ID, where the sockets are. Source: libvirt's own rule for its clients
PLACES = [
    ({}, 0, "/run/libvirt"),
    ({"XDG_RUNTIME_DIR": "/run/user/5"}, 5, "/run/user/5/libvirt"),
    ({"XDG_RUNTIME_DIR": "/run/user/0"}, 0, "/run/libvirt"),
    ({"XDG_CACHE_HOME": "/c"}, 5, "/c/libvirt"),
    ({"HOME": "/home/u"}, 5, "/home/u/.cache/libvirt"),
]


@pytest.mark.parametrize(("environment", "user", "place"), PLACES)
def test_sockets_are_where_clients_look(monkeypatch, environment, user, place):
    for name in ("XDG_RUNTIME_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert str(doors.run_directory(Config())) == place


def test_a_directory_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").touch()
    failing(libvirt.VIR_ERR_SYSTEM_ERROR, opened, tmp_path / "file" / "libvirt")


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"listen_addr": "no.such.host.invalid"}, "cannot listen at no.such.host.invalid, port 16514"),
     ({"listen_addr": "192.0.2.1"}, "cannot listen at 192.0.2.1, port 16514"),
     ({"listen_addr": "127.0.0.1", "tls_port": "taken"}, "Address already in use")],
    ids=["unknown", "of another machine", "taken"],
)  # fmt: skip
def test_a_tls_port_that_cannot_be_had_is_reported_and_leaves_no_socket(tmp_path, monkeypatch, settings, said):
    monkeypatch.setattr(doors.tls, "context", lambda _: None)
    with socket.create_server(("127.0.0.1", 0)) as other:
        if "tls_port" in settings:
            settings = {**settings, "tls_port": other.getsockname()[1]}
        config = Config(unix_sock_dir=str(tmp_path), listen_tls=True, **settings)
        raised = failing(libvirt.VIR_ERR_SYSTEM_ERROR, process._doors, config)
    assert said in raised
    assert list(tmp_path.iterdir()) == []
