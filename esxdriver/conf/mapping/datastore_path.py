"""A file on a datastore: ``[datastore] directory/file``.

Source: vSphere API, "Datastore path". ``[] /vmimages/tools.iso`` is a file of the host itself, outside of every
datastore, and ``[]`` alone no file at all.
"""

import posixpath
import re
from dataclasses import dataclass, replace
from typing import Self

_FORM = re.compile(r"\[([^\]]*)\]\s?(.*)", re.DOTALL)
_VOLUME = re.compile(r"(?:ds://)?/vmfs/volumes/([^/]+)/+(.*)", re.DOTALL)


@dataclass(frozen=True)
class DatastorePath:
    """A datastore's name, and the path of a file or directory there; both may be empty."""

    datastore: str
    path: str

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Return the path that ``text`` holds in vSphere's form, or None when it is none."""
        match = _FORM.fullmatch(text or "")
        return cls(match[1], match[2]) if match else None

    @classmethod
    def of_volume(cls, name: str | None) -> Self | None:
        """Return the path of a file below ``/vmfs/volumes``, by the volume's name or UUID, or None for another."""
        match = _VOLUME.fullmatch(name or "")
        return cls(match[1], match[2]) if match else None

    def __str__(self) -> str:
        return f"[{self.datastore}] {self.path}" if self.path else f"[{self.datastore}]"

    @property
    def directory(self) -> str:
        """The directory's path; the datastore's own is empty."""
        return posixpath.dirname(self.path)

    @property
    def name(self) -> str:
        """The file's name without its directory."""
        return posixpath.basename(self.path)

    @property
    def file(self) -> str:
        """The file's name for the host's own programs: below ``/vmfs/volumes``, or outside of every datastore."""
        return f"/vmfs/volumes/{self.datastore}/{self.path}" if self.datastore else self.path

    def is_beside(self, other: "DatastorePath") -> bool:
        """Whether it is in the same directory of the same datastore."""
        return (self.datastore, self.directory) == (other.datastore, other.directory)

    def beside(self, name: str) -> Self | None:
        """Return what ``name`` means in this file's directory; None where it leads out of the datastore."""
        path = posixpath.normpath(posixpath.join(self.directory, name))
        return None if path.split("/")[0] == ".." else replace(self, path=path)
