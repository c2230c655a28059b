"""Who may connect to the unix sockets."""

import grp
import os
import pwd
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from esxdriver.daemon import peers
from esxdriver.daemon.config import Config

USERS = {7: "alice", 8: "bob"}
GROUPS = {"virt": 70, "staff": 80}


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setattr(pwd, "getpwuid", lambda user: SimpleNamespace(pw_name=USERS[user]))
    monkeypatch.setattr(grp, "getgrnam", lambda name: SimpleNamespace(gr_gid=GROUPS[name]))
    monkeypatch.setattr(os, "getgrouplist", lambda name, group: [group, *([80] if name == "bob" else [])])
    monkeypatch.setattr(os, "geteuid", lambda: 5)


# User, group, configuration, whether the client may come in
CASES = [
    (0, 0, {}, True),
    (5, 5, {}, True),
    (7, 7, {}, False),
    (7, 7, {"allowed_users": ("alice",)}, True),
    (8, 8, {"allowed_users": ("alice",)}, False),
    (7, 70, {"unix_sock_group": "virt"}, True),
    (7, 7, {"unix_sock_group": "virt"}, False),
    (8, 8, {"unix_sock_group": "staff"}, True),
    (7, 7, {"unix_sock_group": "gone"}, False),
    (9, 9, {"allowed_users": ("alice",)}, False),
]


@pytest.mark.parametrize(("user", "group", "settings", "allowed"), CASES)
def test_who_may_connect(user, group, settings, allowed):
    assert peers.may_connect(user, group, Config(**settings)) is allowed


def test_the_kernel_says_who_it_is():
    one, other = socket.socketpair()
    with one, other:
        assert peers.user_of(one) == (os.getuid(), os.getgid())


CONNECTS = """
import os, socket, sys
if sys.argv[2] != "-":
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
peer.settimeout(5)
try:
    peer.sendall(bytes.fromhex("0000001c 20008086 00000001 00000042 00000000 00000001 00000000"))
    print(len(peer.recv(100)))
except (ConnectionResetError, BrokenPipeError):
    print(0)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become somebody else")
@pytest.mark.parametrize(("user", "allowed"), [("-", True), ("nobody", False)])
def test_a_user_who_may_not_connect_is_answered_nothing(daemon, tmp_path, monkeypatch, user, allowed):
    monkeypatch.undo()
    running = daemon(lambda _uri, _login: pytest.fail("a host was opened"), unix_sock_rw_perms="0666")
    for path in (tmp_path, *tmp_path.parents[:3]):
        path.chmod(0o755)
    ran = subprocess.run(
        [sys.executable, "-c", CONNECTS, str(running.directory / "virtesxd-sock"), user],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.stdout == ("36\n" if allowed else "0\n"), ran.stderr
