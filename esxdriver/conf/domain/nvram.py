"""The file that holds a guest's UEFI variables: a datastore path in libvirt, a name beside the VMX file elsewhere."""

import posixpath

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.mapping.fields import Surface


class _Nvram:
    """``<nvram type='file'><source file=...>``, the form whose paths libvirt's schema lets be VMware's.

    The bare ``<nvram>path</nvram>`` is read, too.
    """

    def read(self, surface: Surface, path: str) -> str | None:
        return surface.get(f"{path}/source/@file") or (surface.get(path) or "").strip() or None

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(f"{path}/@type", "file")
        surface.put(f"{path}/source/@file", value)


class _NvramName:
    """vSphere's option: a name relative to the machine's own directory, or a path below ``/vmfs/volumes``."""

    def read(self, surface: Surface, path: str) -> str | None:
        name = surface.get(path) or None
        home = DatastorePath.parse(surface.get("files.vmPathName"))
        if name is None or home is None or posixpath.isabs(name) or name.startswith("["):
            return name
        beside = home.beside(name)
        return name if beside is None else str(beside)

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, _relative(DatastorePath.parse(surface.get("files.vmPathName")), value))


def _relative(home: DatastorePath | None, value: str) -> str:
    file = DatastorePath.parse(value)
    if file is None:
        return value
    return file.name if home is not None and file.is_beside(home) else file.file


NVRAM, NVRAM_NAME = _Nvram(), _NvramName()
