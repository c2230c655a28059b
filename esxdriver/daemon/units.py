"""What the daemon writes for others: systemd's units, and aliases for libvirt's clients."""

import os
import sys
from pathlib import Path
from urllib.parse import quote

import libvirt

from esxdriver import errors
from esxdriver.daemon.config import DEFAULT_HOST, Config, usual_path

_SOCKET = """\
[Unit]
Description=ESX hosts for libvirt's clients
Before=virtesxd.service

[Socket]
ListenStream=/run/libvirt/virtesxd-sock
SocketMode=0600
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
"""
_READ_ONLY_SOCKET = """\
[Unit]
Description=ESX hosts for libvirt's clients, to look at only
Before=virtesxd.service
BindsTo=virtesxd.socket
After=virtesxd.socket

[Socket]
ListenStream=/run/libvirt/virtesxd-sock-ro
Service=virtesxd.service
SocketMode=0600
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
"""
_SERVICE = """\
[Unit]
Description=ESX hosts for libvirt's clients
Documentation=man:virtesxd(8)
Requires=virtesxd.socket
Wants=virtesxd-ro.socket network-online.target
After=virtesxd.socket virtesxd-ro.socket network-online.target

[Service]
Type=notify
ExecStart={program} --timeout 120
ExecReload=/bin/kill -HUP $MAINPID
KillMode=process
TimeoutStopSec=60
Sockets=virtesxd.socket virtesxd-ro.socket
RuntimeDirectory=libvirt
RuntimeDirectoryPreserve=yes
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6

[Install]
WantedBy=multi-user.target
Also=virtesxd.socket virtesxd-ro.socket
"""
UNITS = {"virtesxd.socket": _SOCKET, "virtesxd-ro.socket": _READ_ONLY_SOCKET, "virtesxd.service": _SERVICE}


def install(directory: Path, program: Path) -> list[Path]:
    """Write the units into ``directory``, which must be there, and return their paths. Raises WRITE_FAILED.

    ``program`` is how this process was started: the installed command, or a module of the interpreter.
    """
    text = f"{sys.executable} -m esxdriver.daemon" if program.suffix == ".py" else str(program.resolve())
    written = []
    for name, content in UNITS.items():
        path = directory / name
        try:
            path.write_text(content.replace("{program}", text), encoding="ascii")
        except OSError as error:
            raise errors.error(libvirt.VIR_ERR_WRITE_FAILED, f"{path}: {error.strerror}") from None
        written.append(path)
    return written


def libvirt_conf(config: Config) -> str:
    """Return what makes ``virsh -c NAME`` reach each host: lines for /etc/libvirt/libvirt.conf or a user's own.

    An alias may hold letters, digits, ``_`` and ``-`` only; other characters become ``-``. The daemon of a user is at
    the path /session, so that the host is named by a parameter. Raises OPERATION_INVALID when no host has a name.
    """
    names = [name for name in config.hosts if name != DEFAULT_HOST]
    if not names:
        raise errors.error(
            libvirt.VIR_ERR_OPERATION_INVALID, f"no host has a name: give them some in {usual_path()}, under [hosts]"
        )
    where = "{}?mode=direct" if os.geteuid() == 0 else "session?host={}&mode=direct"
    lines = [f'  "{_alias(name)}=esx+unix:///{where.format(quote(name))}",' for name in names]
    default = config.default_host
    chosen = "" if default is None or default == DEFAULT_HOST else f'uri_default = "{_alias(default)}"\n'
    return "uri_aliases = [\n" + "".join(f"{line}\n" for line in lines) + "]\n" + chosen


def _alias(name: str) -> str:
    return "".join(char if char.isascii() and (char.isalnum() or char in "_-") else "-" for char in name)
