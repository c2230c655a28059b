"""The files of a datastore that are volumes: disks, and images of CDs and floppies.

Sources: vSphere API, HostDatastoreBrowser, HostDatastoreBrowserSearchSpec, VmDiskFileQuery, VmDiskFileInfo.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyVmomi import vim

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.storage.volume import VolumeDef, VolumeFormat
from esxdriver.vsphere.query.task import Progress, wait
from esxdriver.vsphere.storage.datastores import Datastore
from esxdriver.vsphere.wire.session import Session

_BROWSER = vim.host.DatastoreBrowser
_FORMATS = {
    _BROWSER.VmDiskInfo: VolumeFormat.VMDK,
    _BROWSER.IsoImageInfo: VolumeFormat.ISO,
    _BROWSER.FloppyImageInfo: VolumeFormat.RAW,
}
_PATTERN = re.compile(r"[*?\[\]\\]")  # what is no letter of its own in a pattern


@dataclass(frozen=True)
class StoredFile:
    """A file; ``size`` is what it takes in bytes, ``capacity`` how large a disk is, None where the host is silent."""

    path: DatastorePath
    format: VolumeFormat
    size: int
    capacity: int | None = None
    thin: bool | None = None

    def definition(self, key: str | None = None) -> VolumeDef:
        """Return the volume that it is."""
        capacity = self.size if self.capacity is None else self.capacity
        return VolumeDef(self.path.path, key, capacity, self.size, str(self.path), self.format)


def files(session: Session, datastore: Datastore, progress: Progress = None) -> list[StoredFile]:
    """Return all volumes of a datastore, by one search of the whole of it; ``progress`` is given percentages."""
    method = datastore.browser.SearchDatastoreSubFolders_Task
    found = _searched(session, method, str(DatastorePath(datastore.name, "")), _spec(), progress)
    return [each for folder in found or () for each in _in_folder(datastore, folder)]


def file_at(session: Session, datastore: Datastore, path: str) -> StoredFile | None:
    """Return the volume at a path of a datastore, None when there is none, by a search of its directory alone."""
    wanted = DatastorePath(datastore.name, path)
    spec = _spec(_PATTERN.sub("?", wanted.name))
    where = str(DatastorePath(datastore.name, wanted.directory))
    try:
        found = _searched(session, datastore.browser.SearchDatastore_Task, where, spec)
    except vim.fault.FileNotFound:
        return None
    return next((each for each in _in_folder(datastore, found) if each.path == wanted), None)


def exists(session: Session, datastore: Datastore, path: str) -> bool:
    """Whether there is a file of any kind at a path of a datastore."""
    wanted = DatastorePath(datastore.name, path)
    spec = _BROWSER.SearchSpec(matchPattern=[_PATTERN.sub("?", wanted.name)])
    where = str(DatastorePath(datastore.name, wanted.directory))
    try:
        found = _searched(session, datastore.browser.SearchDatastore_Task, where, spec)
    except vim.fault.FileNotFound:
        return False
    return any(each.path == wanted.name for each in (found.file if found else None) or ())


def is_empty(session: Session, datastore: Datastore, directory: str) -> bool:
    """Whether the host says that a directory has nothing at all in it: where it says nothing, it may have."""
    where = str(DatastorePath(datastore.name, directory))
    found = _searched(session, datastore.browser.SearchDatastore_Task, where, _BROWSER.SearchSpec())
    return found is not None and not found.file


def folders(session: Session, datastore: Datastore) -> list[str]:
    """Return the names of a datastore's uppermost folders, by a search of these alone."""
    spec = _BROWSER.SearchSpec(query=[_BROWSER.FolderQuery()])
    found = _searched(session, datastore.browser.SearchDatastore_Task, str(DatastorePath(datastore.name, "")), spec)
    return [each.path for each in (found.file if found else None) or () if isinstance(each, _BROWSER.FolderInfo)]


def _spec(*patterns: str) -> Any:
    disks = _BROWSER.VmDiskQuery(details=_BROWSER.VmDiskQuery.Details(
        capacityKb=True, diskType=False, hardwareVersion=False, controllerType=False, diskExtents=False, thin=True,
    ))  # fmt: skip
    details = _BROWSER.FileInfo.Details(fileType=True, fileSize=True, modification=False, fileOwner=False)
    return _BROWSER.SearchSpec(
        query=[disks, _BROWSER.IsoImageQuery(), _BROWSER.FloppyImageQuery()],
        details=details,
        matchPattern=list(patterns),
    )


def _searched(session: Session, method: Any, where: str, spec: Any, progress: Progress = None) -> Any:
    return wait(
        session, method(datastorePath=where, searchSpec=spec), auto_answer=False, progress=progress, changes=False
    )


def _in_folder(datastore: Datastore, folder: Any) -> Iterator[StoredFile]:
    where = DatastorePath.parse(folder.folderPath if folder is not None else None)
    if where is None:
        return
    for info in folder.file or ():
        kind = next((kind for of, kind in _FORMATS.items() if isinstance(info, of)), None)
        if kind is not None:
            path = posixpath.join(where.path.strip("/"), info.path)
            yield _stored(info, DatastorePath(datastore.name, path), kind)


def _stored(info: Any, path: DatastorePath, kind: VolumeFormat) -> StoredFile:
    kib = getattr(info, "capacityKb", None)
    capacity = None if kib is None else int(kib) * 1024
    return StoredFile(path, kind, int(info.fileSize or 0), capacity, getattr(info, "thin", None))
