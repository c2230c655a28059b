"""File names in VMX and libvirt's datastore paths.

| VMX                              | libvirt                                     |
|----------------------------------|---------------------------------------------|
| ``web.vmdk``, ``sub/web.vmdk``   | ``[datastore] directory/web.vmdk``: relative to the VMX file |
| ``/vmfs/volumes/NAME/dir/x.iso`` | ``[NAME] dir/x.iso``                        |
| ``/vmimages/tools.iso``          | the same        |
| ``[] /vmimages/tools.iso``       | ``/vmimages/tools.iso``, which is written without the brackets |
| any other absolute name          | the same                                    |
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from esxdriver.conf.mapping.datastore_path import DatastorePath

_ABSOLUTE = re.compile(r"[/\\\[]|[A-Za-z]:[\\/]|[A-Za-z]+://")


class Missing(LookupError):
    """A file on a datastore that is not there: a CD-ROM is then empty, and a hard disk is refused."""


def _same(volume: str) -> str:
    return volume


@dataclass(frozen=True)
class Paths:
    """How file names are translated.

    ``vmx_path`` is where the VMX file lies, as a datastore path or below ``/vmfs/volumes``; without one, bare names
    stay bare. ``datastore`` gives the name of the datastore of a volume (its UUID or name; None: there is none),
    ``volume`` the contrary. Without a connection, datastore and volume have one name.
    """

    vmx_path: str | None = None
    datastore: Callable[[str], str | None] = _same
    volume: Callable[[str], str] = _same

    def beside(self, vmx_path: str | None) -> "Paths":
        """Return these paths for a VMX file that lies at ``vmx_path``, unless they know better."""
        return self if self.vmx_path or not vmx_path else replace(self, vmx_path=vmx_path)

    def read(self, name: str) -> str:
        """Return libvirt's path of VMX's ``name``. Raises :class:`Missing`."""
        if file := DatastorePath.of_volume(name):
            datastore = self.datastore(file.datastore)
            if datastore is None:
                raise Missing(f"no datastore '{file.datastore}' for the file '{name}'")
            return str(replace(file, datastore=datastore))
        if (file := DatastorePath.parse(name)) and not file.datastore:
            return file.path
        home = None if _ABSOLUTE.match(name) else self._home
        file = home.beside(name) if home else None
        return name if file is None else str(file)

    def write(self, source: str) -> str:
        """Return VMX's name of the file that libvirt calls ``source``."""
        file = DatastorePath.parse(source)
        if file is None:
            return source
        if not file.datastore:
            return file.file
        home = self._home
        if home and home.datastore == file.datastore:
            name = file.path.removeprefix(f"{home.directory}/" if home.directory else "")
            if name and self.read(name) == source:
                return name
        return replace(file, datastore=self.volume(file.datastore)).file

    @property
    def _home(self) -> DatastorePath | None:
        """Where the VMX file lies, if that is on a datastore."""
        return DatastorePath.parse(self.vmx_path) or DatastorePath.of_volume(self.vmx_path)

    @property
    def stem(self) -> str | None:
        """The VMX file's name without directory and ending."""
        return posixpath.splitext(posixpath.basename(self.vmx_path))[0] or None if self.vmx_path else None
