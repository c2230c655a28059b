"""Making volumes, copying, growing, wiping and deleting them."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import complete, terminal
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import failing_with
from esxdriver.cli.files import read_xml, spoken
from esxdriver.cli.flags import VOL_CREATE, VOL_RESIZE, VOL_VALIDATE, flag_options, total
from esxdriver.cli.progress import percentages
from esxdriver.cli.sizes import in_bytes, shown
from esxdriver.cli.storage import find_volume, on_pool, on_volume

if TYPE_CHECKING:
    from esxdriver.driver.storage_pool import StoragePool
    from esxdriver.driver.storage_vol import StorageVol

commands = Commands()

_CREATE = "VIR_STORAGE_VOL_CREATE_"
# virsh's names of the algorithms VIR_STORAGE_VOL_WIPE_ALG_*.
_ALGORITHMS = ("zero", "nnsa", "dod", "bsi", "gutmann", "schneier", "pfitzner7", "pfitzner33", "random", "trim")


@commands.command("vol-create")
@on_pool
@argument("file", shell_complete=complete.files)
@flag_options(_CREATE, VOL_CREATE, VOL_VALIDATE)
def vol_create(pool: "StoragePool", *, file: str, flags: int) -> None:
    """Make the blank volume that the XML in FILE describes."""
    text = read_xml(file)
    with failing_with(f"Failed to create vol from {spoken(file)}"), percentages("Creating") as progress:
        volume = pool.createXML(text, flags, progress=progress)
    terminal.say(f"Vol {volume.name()} created from {spoken(file)}")


@commands.command("vol-create-as")
@on_pool
@argument("name")
@argument("capacity", type=in_bytes)
@click.option("--allocation", type=in_bytes, help="What it takes at once: 0, or less than CAPACITY, makes it thin.")
@click.option("--format", "kind", metavar="vmdk|iso|raw", help="What it is: by default, what its name says.")
@click.option("--backing-vol", metavar="VOL", help="What it stands on: refused, ESX makes such disks for snapshots.")
@click.option("--backing-vol-format", "backing_kind", metavar="FORMAT", help="The format of that.")
@click.option("--print-xml", is_flag=True, help="Show the XML; nothing is made.")
@flag_options(_CREATE, VOL_CREATE, VOL_VALIDATE)
def vol_create_as(
    pool: "StoragePool", *, name: str, capacity: int, allocation: int | None, kind: str | None, backing_vol: str | None,
    backing_kind: str | None, print_xml: bool, flags: int,
) -> None:  # fmt: skip
    """Make a blank volume called NAME, as 'web02/data.vmdk', that holds CAPACITY.

    CAPACITY is in bytes, or has a suffix: 20G. A name without a directory gets one: web02 is web02/web02.vmdk.
    """
    text = _document(name, capacity, allocation, kind, backing_vol, backing_kind)
    if print_xml:
        terminal.write(text)
        return
    with failing_with(f"Failed to create vol {name}"), percentages("Creating") as progress:
        volume = pool.createXML(text, flags, progress=progress)
    terminal.say(f"Vol {volume.name()} created")


def _document(
    name: str, capacity: int, allocation: int | None, kind: str | None, backing: str | None = None,
    backing_kind: str | None = None,
) -> str:  # fmt: skip
    from esxdriver.conf.xml import surface as xml

    root = xml.new("volume")
    root.put("name", name)
    if root.get("name") != name:
        raise click.BadParameter("XML holds no control characters", param_hint="'NAME'")
    root.put("capacity", str(capacity))
    root.put("allocation", None if allocation is None else str(allocation))
    root.put("target/format/@type", kind)
    root.put("backingStore/path", backing)
    root.put("backingStore/format/@type", backing_kind)
    return xml.text_of(root)


@commands.command("vol-create-from")
@on_pool
@argument("file", shell_complete=complete.files)
@argument("vol", shell_complete=complete.volumes)
@click.option("--inputpool", metavar="POOL", help="The pool that VOL is in: then it may be a name.",
              shell_complete=complete.pools)  # fmt: skip
@flag_options(_CREATE, VOL_CREATE, VOL_VALIDATE)
def vol_create_from(pool: "StoragePool", *, file: str, vol: str, inputpool: str | None, flags: int) -> None:
    """Make the volume that the XML in FILE describes, with what VOL holds."""
    text = read_xml(file)
    with failing_with(f"failed to get vol '{vol}'"):
        source = find_volume(pool.connect(), vol, inputpool)
    with failing_with(f"Failed to create vol from {spoken(file)}"), percentages("Copying") as progress:
        volume = pool.createXMLFrom(text, source, flags, progress=progress)
    terminal.say(f"Vol {volume.name()} created from input vol {source.name()}")


@commands.command("vol-clone")
@on_volume
@argument("newname")
@click.option("--print-xml", is_flag=True, help="Show the XML; nothing is made.")
@flag_options(_CREATE, VOL_CREATE)
def vol_clone(volume: "StorageVol", *, newname: str, print_xml: bool, flags: int) -> None:
    """Copy a volume to NEWNAME in the same pool."""
    pool = volume.storagePoolLookupByVolume()
    with failing_with(f"Failed to clone vol from {volume.name()}"):
        known = volume.read().definition()
        assert known.format is not None
        text = _document(newname, known.capacity or 0, known.allocation, known.format.xml)
        if print_xml:
            terminal.write(text)
            return
        with percentages("Copying") as progress:
            made = pool.createXMLFrom(text, volume, flags, progress=progress)
    terminal.say(f"Vol {made.name()} cloned from {volume.name()}")


@commands.command("vol-resize")
@on_volume
@argument("capacity", type=in_bytes)
@flag_options("VIR_STORAGE_VOL_RESIZE_", VOL_RESIZE)
def vol_resize(volume: "StorageVol", *, capacity: int, flags: int) -> None:
    """Make a disk larger.

    CAPACITY is in bytes, or has a suffix: 20G.
    """
    delta = bool(flags & total("VIR_STORAGE_VOL_RESIZE_", ["DELTA"]))
    what = f"Failed to change size of volume '{volume.name()}' {'by' if delta else 'to'} {shown(capacity)}"
    with failing_with(what), percentages("Growing") as progress:
        volume.resize(capacity, flags, progress=progress)
    terminal.say(f"Size of volume '{volume.name()}' successfully changed {'by' if delta else 'to'} {shown(capacity)}")


@commands.command("vol-wipe")
@on_volume
@click.option("--algorithm", type=click.Choice(_ALGORITHMS), metavar="NAME", default="zero", help="ESX can do 'zero'.")
def vol_wipe(volume: "StorageVol", *, algorithm: str) -> None:
    """Overwrite a disk with zeros."""
    with failing_with(f"Failed to wipe vol {volume.name()}"), percentages("Wiping") as progress:
        volume.wipePattern(_ALGORITHMS.index(algorithm), 0, progress=progress)
    terminal.say(f"Vol {volume.name()} wiped")


@commands.command("vol-delete")
@on_volume
@click.option("--delete-snapshots", is_flag=True, help="With its snapshots: refused, ESX keeps them with a domain.")
def vol_delete(volume: "StorageVol", *, delete_snapshots: bool) -> None:
    """Delete a volume; never what a domain or a snapshot has."""
    flags = total("VIR_STORAGE_VOL_DELETE_", ["WITH_SNAPSHOTS"] if delete_snapshots else [])
    with failing_with(f"Failed to delete vol {volume.name()}"):
        volume.delete(flags)
    terminal.say(f"Vol {volume.name()} deleted")
