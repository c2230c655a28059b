"""File names in VMX and libvirt's datastore paths.

| VMX                              | libvirt                                     |
|----------------------------------|---------------------------------------------|
| ``web.vmdk``, ``sub/web.vmdk``   | ``[datastore] directory/web.vmdk``: relative to the VMX file |
| ``/vmfs/volumes/NAME/dir/x.iso`` | ``[NAME] dir/x.iso``                        |
| any other absolute name          | the same                                    |
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

_VOLUME = re.compile(r"(?:ds://)?/vmfs/volumes/([^/]+)/+(.*)", re.DOTALL)
_DATASTORE = re.compile(r"\[([^\]]*)\] ?(.*)", re.DOTALL)
_ABSOLUTE = re.compile(r"[/\\\[]|[A-Za-z]:[\\/]|[A-Za-z]+://")


class Missing(LookupError):
    """A file on a datastore that is not there: a CD-ROM is empty then, a hard disk an error."""


def _same(volume: str) -> str:
    return volume


@dataclass(frozen=True)
class Paths:
    """How file names are translated.

    ``vmx_path`` is where the VMX file lies, as a datastore path or below ``/vmfs/volumes``; without one, bare names
    stay bare. ``datastore`` gives the name of the datastore of a volume (its UUID or name; None: there is none),
    ``volume`` the contrary. Without a connection both are called the same.
    """

    vmx_path: str | None = None
    datastore: Callable[[str], str | None] = _same
    volume: Callable[[str], str] = _same

    def beside(self, vmx_path: str | None) -> "Paths":
        """Return these paths for a VMX file that lies at ``vmx_path``, unless they know better."""
        return self if self.vmx_path or not vmx_path else replace(self, vmx_path=vmx_path)

    def read(self, name: str) -> str:
        """Return libvirt's path of VMX's ``name``. Raises :class:`Missing`."""
        if match := _VOLUME.match(name):
            datastore = self.datastore(match[1])
            if datastore is None:
                raise Missing(f"no datastore '{match[1]}' for the file '{name}'")
            return f"[{datastore}] {match[2]}"
        base = None if _ABSOLUTE.match(name) else self._directory
        if base is None:
            return name
        path = posixpath.normpath(posixpath.join(base[1], name))
        return name if path.startswith("..") else f"[{base[0]}] {path}"

    def write(self, source: str) -> str:
        """Return VMX's name of the file that libvirt calls ``source``."""
        match = _DATASTORE.match(source)
        if match is None:
            return source
        datastore, path = match.groups()
        base = self._directory
        if base and base[0] == datastore and path.startswith(base[1]):
            name = path[len(base[1]) :]
            if name and self.read(name) == source:
                return name
        return f"/vmfs/volumes/{self.volume(datastore)}/{path}"

    @property
    def _directory(self) -> tuple[str, str] | None:
        """The datastore and directory (empty, or with a slash at its end) of the VMX file."""
        if self.vmx_path is None:
            return None
        match = _DATASTORE.match(self.vmx_path) or _VOLUME.match(self.vmx_path)
        if match is None:
            return None
        directory = posixpath.dirname(match[2])
        return match[1], f"{directory}/" if directory else ""

    @property
    def stem(self) -> str | None:
        """The VMX file's name without directory and ending."""
        return posixpath.splitext(posixpath.basename(self.vmx_path))[0] or None if self.vmx_path else None
