"""The data of volumes: to files here, and from them."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from esxdriver.cli import complete, terminal
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.files import writing_to
from esxdriver.cli.progress import percentages
from esxdriver.cli.sizes import in_bytes
from esxdriver.cli.storage import on_volume

if TYPE_CHECKING:
    from esxdriver.driver.storage_vol import StorageVol
    from esxdriver.driver.stream import Stream

commands = Commands()

_SPARSE = "Leave out what is zero: refused, a host's HTTP knows no holes."


@commands.command("vol-download")
@on_volume
@argument("file", shell_complete=complete.files)
@click.option("--offset", type=in_bytes, default="0", metavar="BYTES", help="Where to begin.")
@click.option("--length", type=in_bytes, default="0", metavar="BYTES", help="How much; by default, all.")
@click.option("--sparse", is_flag=True, help=_SPARSE)
def vol_download(volume: "StorageVol", *, file: str, offset: int, length: int, sparse: bool) -> None:
    """Write a volume's data to FILE, which is there whole or not at all.

    The data of a disk is what a guest sees.
    """
    with failing_with(f"cannot download from volume {volume.name()}"), percentages("Downloading") as progress:
        total = length or max(volume.info()[1] - offset, 0)
        with writing_to(file) as target, _stream(volume) as stream:
            volume.download(stream, offset, length, _flags(sparse, "DOWNLOAD"))
            moved = _counted(total, progress)
            stream.recvAll(lambda _stream, data, _opaque: moved(target.write(data)), None)
            stream.finish()
    terminal.say(f"Vol {volume.name()} downloaded to {file}")


@commands.command("vol-upload")
@on_volume
@argument("file", shell_complete=complete.files)
@click.option("--offset", type=in_bytes, default="0", metavar="BYTES", help="Where to begin: refused but for 0.")
@click.option("--length", type=in_bytes, default="0", metavar="BYTES", help="How much; by default, all.")
@click.option("--sparse", is_flag=True, help=_SPARSE)
def vol_upload(volume: "StorageVol", *, file: str, offset: int, length: int, sparse: bool) -> None:
    """Replace a volume's data with that of FILE.

    A disk that is larger than FILE has zeros behind it; an image becomes as large as FILE.
    """
    failure = f"cannot upload to volume {volume.name()}"
    try:
        source = Path(file).open("rb")  # noqa: SIM115 - it is closed below
    except OSError as error:
        raise CommandFailed(f"cannot read {file}", error.strerror or str(error)) from error
    with source, failing_with(failure), percentages("Uploading") as progress:
        size = min(_size(source), length or 2**63)
        _check_room(volume, failure, size)
        with _stream(volume) as stream:
            volume.upload(stream, offset, length or (0 if _is_disk(volume) else size), _flags(sparse, "UPLOAD"))
            _send(stream.sendAll, source, size or None, _counted(size, progress))
            stream.finish()
    terminal.say(f"Vol {volume.name()} uploaded from {file}")


@contextmanager
def _stream(volume: "StorageVol") -> "Iterator[Stream]":
    """Give a stream that is aborted when anything goes wrong, Ctrl-C included."""
    stream = volume.connect().newStream(0)
    try:
        yield stream
    except BaseException:
        stream.abort()
        raise


def _send(send: Callable[..., None], source: IO[bytes], size: int | None, moved: Callable[[int], int]) -> None:
    left = size

    def more(_stream: object, most: int, _opaque: object) -> bytes:
        nonlocal left
        data = source.read(most if left is None else min(most, left))
        left = None if left is None else left - len(data)
        moved(len(data))
        return data

    send(more, None)


def _size(source: IO[bytes]) -> int:
    """Return how large a file is, 0 when that is not known."""
    known = os.fstat(source.fileno())
    return known.st_size if stat.S_ISREG(known.st_mode) else 0


def _is_disk(volume: "StorageVol") -> bool:
    return bool(volume.file.capacity is not None)


def _check_room(volume: "StorageVol", failure: str, size: int) -> None:
    """Refuse a file that is larger than a disk before anything is sent: the disk would be lost."""
    room = volume.file.capacity
    if room is not None and size > room:
        raise CommandFailed(failure, f"it holds {room} bytes, and the file has {size}; see vol-resize")


def _counted(total: int, progress: Callable[[int], None] | None) -> Callable[[int], int]:
    """Return a function that adds up moved bytes, and gives ``progress`` the percentage of ``total``."""
    moved = 0

    def count(size: int) -> int:
        nonlocal moved
        moved += size
        if progress is not None and total:
            progress(min(100 * moved // total, 100))
        return size

    return count


def _flags(sparse: bool, direction: str) -> int:
    from esxdriver.cli.flags import total

    return total(f"VIR_STORAGE_VOL_{direction}_", ["SPARSE_STREAM"] if sparse else [])
