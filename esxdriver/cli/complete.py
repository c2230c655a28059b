"""What a shell completes an argument to: the domains and snapshots of the host that the line names, and files.

1. Nobody is asked for a password: without credentials in a file or in the environment nothing is offered.
2. No error is shown: whatever goes wrong, nothing is offered.
3. The names of a host's domains are kept for a minute, for their owner alone, so that the next key is quick.
"""

import contextlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain

_FRESH = 60  # seconds


def files(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Have the shell complete a file's name."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def domains(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of the domains that begin so."""
    options = ctx.find_root().params
    kept = _kept(f"{options.get('uri')} {options.get('replay')}")
    names = _read(kept)
    if names is None:
        names = _from_host(ctx, lambda conn: [each.name() for each in conn.listAllDomains()])
        _keep(kept, names)
    return [name for name in names if name.startswith(incomplete) and name.isprintable()]


def snapshots(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of the domain's snapshots that begin so."""
    domain = ctx.params.get("domain")
    names = _from_host(ctx, lambda conn: list(conn.lookupByName(domain).snapshotListNames())) if domain else []
    return [name for name in names if name.startswith(incomplete) and name.isprintable()]


def disks(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the targets of the domain's disks that begin so."""
    from esxdriver.conf.domain import xml as domain_xml

    return _of_domain(
        ctx, incomplete, lambda domain: [disk.target for disk in domain_xml.parse(domain.XMLDesc()).disks]
    )


def cards(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names and the MAC addresses of the domain's interfaces that begin so."""

    def names(domain: "Domain") -> list[str]:
        return [each for name, card in domain.networkCards() for each in (name, card.mac or name)]

    return _of_domain(ctx, incomplete, names)


def keys(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of keys that begin so."""
    from esxdriver.conf.mapping.keycodes import linux_keys

    return [name for name in (f"KEY_{key}" for key in linux_keys()) if name.startswith(incomplete)]


def directories(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Have the shell complete a directory's name."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


def pools(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of the storage pools that begin so."""
    return [name for name in _from_host(ctx, lambda conn: conn.listStoragePools()) if _fits(name, incomplete)]


def networks(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of the networks that begin so."""
    return [name for name in _from_host(ctx, lambda conn: conn.listNetworks()) if _fits(name, incomplete)]


def interfaces(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of the host's interfaces that begin so."""
    return [name for name in _from_host(ctx, lambda conn: conn.listInterfaces()) if _fits(name, incomplete)]


def volumes(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of the volumes of the pool of --pool that begin so."""
    pool = ctx.params.get("pool")
    names = _from_host(ctx, lambda conn: conn.storagePoolLookupByName(pool).listVolumes()) if pool else []
    return [name for name in names if _fits(name, incomplete)]


def _of_domain(ctx: click.Context, incomplete: str, names: "Callable[[Domain], list[str]]") -> list[str]:
    """Return names that the domain of the line has, as far as they begin so."""
    domain = ctx.params.get("domain")
    found = _from_host(ctx, lambda conn: names(conn.lookupByName(domain))) if domain else []
    return [name for name in dict.fromkeys(found) if _fits(name, incomplete)]


def _fits(name: str, incomplete: str) -> bool:
    return name.startswith(incomplete) and name.isprintable()


def _from_host(ctx: click.Context, ask: "Callable[[Connect], list[str]]") -> list[str]:
    """Return what the host says, nothing when it cannot be asked."""
    from esxdriver.cli.target import Target

    options = ctx.find_root().params
    target = Target(options.get("uri"), options.get("replay"), readonly=True, asks=False)
    with contextlib.suppress(Exception), _silent(), target.opened() as conn:  # a completion never fails
        return ask(conn)
    return []


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    import logging

    logging.disable()
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _kept(host: str) -> Path:
    import os

    default = os.environ.get("LIBVIRT_DEFAULT_URI", "")
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home) / "esxdriver" / "completion" / sha256(f"{host} {default}".encode(errors="replace")).hexdigest()


def _read(kept: Path) -> list[str] | None:
    """Return the names that were kept, None when they are old or the file is another user's."""
    import os
    import time

    with contextlib.suppress(OSError, ValueError):
        state = kept.lstat()
        if state.st_uid == os.getuid() and 0 <= time.time() - state.st_mtime < _FRESH:
            return kept.read_text("utf-8").split("\0")
    return None


def _keep(kept: Path, names: list[str]) -> None:
    from esxdriver.cli.failures import CommandFailed
    from esxdriver.cli.files import make_directory, write

    with contextlib.suppress(CommandFailed, OSError):
        if names:
            make_directory(kept.parent)
            write(kept, "\0".join(names).encode(errors="replace"), secret=True)
