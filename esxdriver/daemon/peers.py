"""Who is at the other end of a unix socket, and whether that user may connect."""

import grp
import os
import pwd
import socket
import struct

from esxdriver.daemon.config import Config

_CREDENTIALS = struct.Struct("iII")  # process, user, group. Source: unix(7), SO_PEERCRED


def user_of(peer: socket.socket) -> tuple[int, int]:
    """Return the IDs of the user and the group of the process that connected."""
    _, user, group = _CREDENTIALS.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return user, group


def may_connect(user: int, group: int, config: Config) -> bool:
    """Whether a user may connect: root, the daemon's own, those of allowed_users, the members of unix_sock_group."""
    if user in {0, os.geteuid()}:
        return True
    try:
        known = pwd.getpwuid(user)
    except KeyError:
        return False
    return known.pw_name in config.allowed_users or _in_group(known.pw_name, group, config.unix_sock_group)


def _in_group(name: str, group: int, wanted: str) -> bool:
    if not wanted:
        return False
    try:
        return grp.getgrnam(wanted).gr_gid in {group, *os.getgrouplist(name, group)}
    except KeyError:
        return False
