"""Storage pools: the datastores of a host or of a vCenter, and the targets of a host's iSCSI adapters."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import flags, table, terminal, texts
from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import failing_with
from esxdriver.cli.progress import percentages
from esxdriver.cli.sizes import shown
from esxdriver.cli.storage import on_pool
from esxdriver.cli.target import Target
from esxdriver.cli.terminal import printable
from esxdriver.cli.xpath import Show, xpath_options

if TYPE_CHECKING:
    from esxdriver.driver.storage_pool import StoragePool

commands = Commands()

# virsh's names of the states VIR_STORAGE_POOL_*.
_STATES = ("inactive", "building", "running", "degraded", "inaccessible")

# libvirt's flags for pools by their type.
_TYPES = (
    "DIR", "FS", "NETFS", "LOGICAL", "DISK", "ISCSI", "ISCSI_DIRECT", "SCSI", "MPATH", "RBD", "SHEEPDOG", "GLUSTER",
    "ZFS", "VSTORAGE",
)  # fmt: skip


@commands.command("pool-list")
@click.option("--inactive", is_flag=True, help="Inactive pools instead of active ones: on ESX none is.")
@click.option("--all", "everything", is_flag=True, help="Inactive pools as well as active ones.")
@click.option("--type", "types", metavar="TYPE,...", help="Pools of these types only: dir, fs, netfs, iscsi.")
@click.option("--details", is_flag=True, help="State and sizes, too.")
@click.option("--uuid", is_flag=True, help="UUIDs only.")
@click.option("--name", is_flag=True, help="Names only.")
@flags.flag_options("VIR_CONNECT_LIST_STORAGE_POOLS_", flags.POOL_LIST, into="filters")
@click.pass_obj
def pool_list(
    target: Target, /, filters: int, inactive: bool, everything: bool, types: str | None, details: bool, uuid: bool,
    name: bool,
) -> None:  # fmt: skip
    """List storage pools: the datastores, and a host's iSCSI targets."""
    if sum((details, uuid, name)) > 1:
        raise click.UsageError("--details, --uuid and --name do not go together")
    chosen = _of_types(types) | filters | (0 if everything else _activity(inactive))
    conn = target.connect()
    with failing_with("Failed to list pools"), percentages("Listing"):
        pools = sorted(conn.listAllStoragePools(chosen), key=lambda pool: pool.name().lower())
    if uuid or name:
        for pool in pools:
            click.echo(printable(pool.name() if name else pool.UUIDString()))
    elif details:
        heads = ("Name", "State", "Autostart", "Persistent", "Capacity", "Allocation", "Available")
        table.show(heads, [_details(pool) for pool in pools])
    else:
        table.show(("Name", "State", "Autostart"), [(pool.name(), "active", "yes") for pool in pools])


def _of_types(types: str | None) -> int:
    names = [each.strip().upper().replace("-", "_") for each in types.split(",")] if types else []
    for name in names:
        if name not in _TYPES:
            raise click.BadParameter(f"Invalid pool type '{name.lower()}'", param_hint="'--type'")
    return flags.total("VIR_CONNECT_LIST_STORAGE_POOLS_", names)


def _activity(inactive: bool) -> int:
    return flags.total("VIR_CONNECT_LIST_STORAGE_POOLS_", ["INACTIVE" if inactive else "ACTIVE"])


def _details(pool: "StoragePool") -> list[str]:
    """Return a row of the long table, of what the list came with: to ask each pool again takes a call for each."""
    known = pool.known
    sizes = (known.definition.capacity, known.definition.allocation, known.definition.available)
    return [pool.name(), _STATES[known.state], "yes", "yes", *("-" if each is None else shown(each) for each in sizes)]


@commands.command("pool-info")
@click.option("--bytes", "exact", is_flag=True, help="Sizes in bytes.")
@on_pool
def pool_info(pool: "StoragePool", exact: bool) -> None:
    """Show a pool's state and sizes."""
    with failing_with(f"Failed to get information of pool '{pool.name()}'"):
        state, capacity, allocation, available = pool.info()
    fields = {
        "Name": pool.name(),
        "UUID": pool.UUIDString(),
        "State": _STATES[state],
        "Persistent": texts.yes_no(pool.isPersistent()),
        "Autostart": texts.yes_no(pool.autostart()),
    }
    if _STATES[state] == "running":
        sizes = {"Capacity": capacity, "Allocation": allocation, "Available": available}
        fields |= {name: shown(each, exact=exact) for name, each in sizes.items()}
    table.show_fields(fields)


@commands.command("pool-dumpxml")
@click.option("--inactive", is_flag=True, help="The stored definition: on ESX there is one only.")
@xpath_options
@on_pool
def pool_dumpxml(pool: "StoragePool", inactive: bool, show: Show) -> None:
    """Write a pool's XML."""
    with failing_with(f"Failed to get XML of pool '{pool.name()}'"):
        show(pool.XMLDesc(flags.total("VIR_STORAGE_XML_", ["INACTIVE"] if inactive else [])))


@commands.command("pool-name")
@on_pool
def pool_name(pool: "StoragePool") -> None:
    """Show the name of the pool with a UUID."""
    click.echo(printable(pool.name()))


@commands.command("pool-uuid")
@on_pool
def pool_uuid(pool: "StoragePool") -> None:
    """Show a pool's UUID."""
    click.echo(pool.UUIDString())


@commands.command("pool-autostart")
@click.option("--disable", is_flag=True, help="No longer: refused, a datastore is there with its host.")
@on_pool
def pool_autostart(pool: "StoragePool", disable: bool) -> None:
    """Have a pool start with its host: on ESX all do."""
    with failing_with(f"failed to {'un' if disable else ''}mark pool {pool.name()} as autostarted"):
        pool.setAutostart(int(not disable))
    terminal.say(f"Pool {pool.name()} {'un' if disable else ''}marked as autostarted")


@commands.command("pool-refresh")
@on_pool
def pool_refresh(pool: "StoragePool") -> None:
    """Have the host look anew at how full a datastore is, or what its iSCSI adapters lead to."""
    with failing_with(f"Failed to refresh pool {pool.name()}"):
        pool.refresh()
    terminal.say(f"Pool {pool.name()} refreshed")
