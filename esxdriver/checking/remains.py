"""What earlier checks have left, where they were killed or their host was lost: it is named, and not touched."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from esxdriver.checking.own import NAME, Called
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.storage import datastores, search

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect

_FILES = "config.files.vmPathName"


def remains(conn: "Connect", datastore: str | None = None) -> list[Called]:
    """Return the checks whose machines are on the host, and those whose folders are on ``datastore``.

    One of them may be under way. One round trip, and a search of the datastore's uppermost folder.
    """
    backend = conn.backend
    machines = (each[_FILES] for each in inventory.machines(backend.session, backend.scope, _FILES))
    paths = [path for path in map(DatastorePath.parse, machines) if path is not None]
    folders = [DatastorePath(datastore, name) for name in _folders(conn, datastore)] if datastore else []
    return list(_of_checks([*paths, *folders]))


def _folders(conn: "Connect", name: str) -> list[str]:
    backend = conn.backend
    found = (each for each in datastores.datastores(backend.session, backend.scope) if each.name == name)
    return [folder for each in found for folder in search.folders(backend.session, each)]


def _of_checks(paths: Iterable[DatastorePath]) -> Iterator[Called]:
    known = {(path.datastore, path.path.partition("/")[0]) for path in paths}
    return (Called.new(datastore, name) for datastore, name in sorted(known) if NAME.fullmatch(name))
