"""``<volume>``: a file of a datastore or a LUN, as libvirt's XML has it.

| file                    | format | capacity | allocation |
|-------------------------|--------|----------|------------|
| `dir/x.vmdk`, a disk    | vmdk   | what a guest sees | what it takes on the datastore |
| `dir/x.iso`             | iso    | its size | its size |
| any other image         | raw    | its size | its size |
| a LUN of an iSCSI target, type block | raw | its size | its size |

A volume's name is its path on the datastore, or the name of a LUN's device. Source: https://libvirt.org/formatstorage.html#storage-volume-xml
"""

import posixpath
from dataclasses import dataclass

from esxdriver.conf.mapping.codecs import BYTES, TEXT
from esxdriver.conf.mapping.enums import MappedEnum
from esxdriver.conf.mapping.fields import InvalidValueError, dump, fact, load
from esxdriver.conf.xml import surface as xml
from esxdriver.errors import invalid_arg, unsupported, xml_error

_DISK = ".vmdk"
# What virtinst and others call a disk of no format of its own.
_ANY_DISK = ("", ".img", ".raw", _DISK)
_IMAGES = (".iso", ".flp", ".img")


class VolumeFormat(MappedEnum):
    """What is in a file."""

    VMDK = "vmdk"
    ISO = "iso"
    RAW = "raw"

    def __init__(self, xml: str) -> None:
        self.xml = xml

    @classmethod
    def of_name(cls, name: str) -> "VolumeFormat":
        """Return what a file of this name holds."""
        ending = posixpath.splitext(name)[1].lower()
        return {_DISK: cls.VMDK, ".iso": cls.ISO}.get(ending, cls.RAW)


@dataclass(frozen=True)
class VolumeDef:
    """A volume; sizes are bytes. What a document does not say is None."""

    name: str = fact(TEXT, xml="name")
    key: str | None = fact(TEXT, xml="key", default=None)
    capacity: int | None = fact(BYTES, xml="capacity", default=None)
    allocation: int | None = fact(BYTES, xml="allocation", default=None)
    path: str | None = fact(TEXT, xml="target/path", default=None)
    format: VolumeFormat | None = fact(VolumeFormat, xml="target/format/@type", default=None)
    type: str = "file"

    @property
    def is_thin(self) -> bool:
        """Whether it is to take its space when it is written to: less is to be allocated than it can hold."""
        return self.allocation is not None and self.capacity is not None and self.allocation < self.capacity


def format(definition: VolumeDef) -> str:  # noqa: A001
    """Return the document of a volume."""
    root = xml.new("volume")
    root.put("@type", definition.type)
    dump(definition, root, ("name", "key"))
    root.added("source")
    dump(definition, root, ("capacity", "allocation", "path", "format"))
    return xml.text_of(root)


def parse(text: str) -> VolumeDef:
    """Return the volume that a document asks for; its key and target path are the host's to say, and passed over.

    Raises XML_ERROR for what is not well formed or has no meaning, CONFIG_UNSUPPORTED for what ESX does not have.
    """
    root = xml.parse(text, "volume")
    for path, what in (("backingStore/path", "a backing store"), ("target/encryption", "encryption")):
        if root.get(path) is not None:
            raise unsupported(f"a volume with {what}: ESX does not make it; remove <{path.partition('/')[0]}>")
    if root.get("@type") not in (None, "file"):
        raise unsupported(f"a volume of type '{root.get('@type')}': on a datastore there are files")
    if root.get("name") in (None, ""):
        raise xml_error("a volume needs a <name>")
    kind = root.get("target/format/@type")
    if kind is not None and VolumeFormat.of("xml", kind) is None:
        known = ", ".join(each.xml for each in VolumeFormat)
        raise unsupported(f"target/format '{kind}': ESX has {known}")
    try:
        return load(VolumeDef, root, key=None, path=None)
    except InvalidValueError as cause:
        raise xml_error(str(cause)) from None


def check_name(name: str) -> None:
    """Raise INVALID_ARG for what cannot be a volume's name: no path below the datastore's root."""
    if any(part in ("", ".", "..") for part in name.split("/")) or name.startswith("["):
        raise invalid_arg(f"volume '{name}': a name is a path on the datastore, as 'dir/x.vmdk', without '.' and '..'")


def new_name(want: VolumeDef) -> str:
    """Return the name that a new volume gets: a disk's name without a directory gets a directory of its own.

    Raises INVALID_ARG for what is no path below the datastore's root, and for a name that a file of that format cannot
    have.
    """
    check_name(want.name)
    ending = posixpath.splitext(want.name)[1].lower()
    is_image = want.format is VolumeFormat.ISO or ending in (".iso", ".flp") or (
        ending in _IMAGES and want.format is VolumeFormat.RAW and "/" in want.name
    )  # fmt: skip
    if is_image:
        if want.format is VolumeFormat.VMDK or (want.format is VolumeFormat.ISO and ending != ".iso"):
            raise invalid_arg(f"volume '{want.name}': its name does not fit the format {want.format.xml}")
        return want.name
    if "/" in want.name and ending != _DISK:
        raise invalid_arg(f"volume '{want.name}': a disk's name ends in '{_DISK}', an image's in '.iso' or '.flp'")
    return want.name if "/" in want.name else in_its_directory(want.name)


def in_its_directory(name: str) -> str:
    """Return the name of a disk that was made as ``name``, which has no directory: ``web02.img`` or ``web02``."""
    stem, ending = posixpath.splitext(name)
    base = stem if ending.lower() in _ANY_DISK else name
    return f"{base}/{base}{_DISK}"
