"""Storage volumes: the disks and images on datastores, and the LUNs of iSCSI targets."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import table
from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import failing_with
from esxdriver.cli.progress import percentages
from esxdriver.cli.sizes import shown
from esxdriver.cli.storage import on_pool, on_volume
from esxdriver.cli.terminal import printable
from esxdriver.cli.xpath import Show, xpath_options

if TYPE_CHECKING:
    from esxdriver.driver.storage_pool import StoragePool
    from esxdriver.driver.storage_vol import StorageVol

commands = Commands()


@commands.command("vol-list")
@click.option("--details", is_flag=True, help="Kind and sizes, too.")
@on_pool
def vol_list(pool: "StoragePool", details: bool) -> None:
    """List a pool's volumes: disks and images."""
    with failing_with("Failed to list volumes"), percentages("Searching the datastore") as progress:
        volumes = sorted(pool.listAllVolumes(progress=progress), key=lambda volume: volume.name().lower())
    if not details:
        table.show(("Name", "Path"), [(volume.name(), volume.path()) for volume in volumes])
        return
    known = [(volume, volume.file.definition()) for volume in volumes]
    rows = [
        (volume.name(), volume.path(), each.type, shown(each.capacity or 0), shown(each.allocation or 0))
        for volume, each in known
    ]
    table.show(("Name", "Path", "Type", "Capacity", "Allocation"), rows)


@commands.command("vol-info")
@click.option("--bytes", "exact", is_flag=True, help="Sizes in bytes.")
@click.option("--physical", is_flag=True, help="What it takes on the datastore, as 'Physical': the same figure.")
@on_volume
def vol_info(volume: "StorageVol", exact: bool, physical: bool) -> None:
    """Show a volume's sizes."""
    with failing_with(f"Failed to get information of vol '{volume.name()}'"):
        _, capacity, allocation = volume.info()
    second = "Physical" if physical else "Allocation"
    fields = {"Name": volume.name(), "Type": volume.file.definition().type, "Capacity": shown(capacity, exact=exact)}
    table.show_fields(fields | {second: shown(allocation, exact=exact)})


@commands.command("vol-dumpxml")
@xpath_options
@on_volume
def vol_dumpxml(volume: "StorageVol", show: Show) -> None:
    """Write a volume's XML."""
    with failing_with(f"Failed to get XML of vol '{volume.name()}'"):
        show(volume.XMLDesc())


@commands.command("vol-name")
@on_volume
def vol_name(volume: "StorageVol") -> None:
    """Show the name of a volume, given by its path or key."""
    click.echo(printable(volume.name()))


@commands.command("vol-path")
@on_volume
def vol_path(volume: "StorageVol") -> None:
    """Show a volume's path, as domains name it."""
    click.echo(printable(volume.path()))


@commands.command("vol-key")
@on_volume
def vol_key(volume: "StorageVol") -> None:
    """Show a volume's key: a disk's or LUN's UUID on ESX, else its path."""
    with failing_with(f"Failed to get the key of vol '{volume.name()}'"):
        click.echo(printable(volume.key()))


@commands.command("vol-pool")
@click.option("--uuid", is_flag=True, help="Its UUID instead of its name.")
@on_volume
def vol_pool(volume: "StorageVol", uuid: bool) -> None:
    """Show the pool of a volume, given by its path or key."""
    pool = volume.storagePoolLookupByVolume()
    click.echo(pool.UUIDString() if uuid else printable(pool.name()))
