"""What commands about storage share: how they find a pool or a volume."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import complete
from esxdriver.cli.about import on
from esxdriver.cli.arguments import argument
from esxdriver.cli.failures import failing_with
from esxdriver.cli.target import Target, by_uuid_or_name, first_found

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.storage_pool import StoragePool
    from esxdriver.driver.storage_vol import StorageVol


def on_volume(function: Callable[..., None]) -> Callable[..., None]:
    """Let a command be about a volume: it takes VOL, a path, a key or, with --pool, a name."""

    @functools.wraps(function)
    def about(target: Target, /, vol: str, pool: str | None, **options: Any) -> None:
        conn = target.connect()
        with failing_with(
            f"failed to get vol '{vol}'" if pool is None else f"failed to get vol '{vol}' in pool '{pool}'"
        ):
            found = find_volume(conn, vol, pool)
        function(found, **options)

    command = click.option("--pool", metavar="POOL", help="The pool that VOL is in: then it may be a name.",
                           shell_complete=complete.pools)(click.pass_obj(about))  # fmt: skip
    return argument("vol", shell_complete=complete.volumes)(command)


def find_pool(conn: "Connect", text: str) -> "StoragePool":
    """Return the pool whose UUID or name ``text`` is, tried in this order as virsh does."""
    import libvirt

    looks = by_uuid_or_name(text, conn.storagePoolLookupByUUIDString, conn.storagePoolLookupByName)
    return first_found(looks, libvirt.VIR_ERR_NO_STORAGE_POOL)


on_pool = on("pool", find_pool, complete.pools)


def find_volume(conn: "Connect", text: str, pool: str | None) -> "StorageVol":
    """Return the volume whose name in ``pool``, path or key ``text`` is."""
    import libvirt

    home = None if pool is None else find_pool(conn, pool)
    is_path = text.startswith(("[", "/"))
    if home is not None and (not is_path or text.startswith("/vmfs/devices/")):  # a LUN has its path for a name
        return home.storageVolLookupByName(text)
    found = conn.storageVolLookupByPath(text) if is_path else conn.storageVolLookupByKey(text)
    if home is not None and found.storagePoolLookupByVolume().UUIDString() != home.UUIDString():
        from esxdriver.errors import error

        raise error(libvirt.VIR_ERR_NO_STORAGE_VOL, f"volume '{text}' is not in storage pool '{home.name()}'")
    return found
