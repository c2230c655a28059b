"""``<pool>``: what libvirt says of a datastore, and of a target of an iSCSI adapter.

| vSphere's datastore | pool type | source |
|---------------------|-----------|--------|
| VMFS                | fs        | format vmfs |
| NFS, NFS 4.1        | netfs     | host, dir, format nfs |
| CIFS                | netfs     | host, dir, format cifs |
| local, vSAN, vVol, PMEM, any other | dir | |
| none: an iSCSI target | iscsi | host and port of each portal, device and initiator: IQNs |

Name, UUID and numbers are those that libvirt's own ESX driver says. Source: https://libvirt.org/formatstorage.html
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from esxdriver.conf.mapping.codecs import BYTES, TEXT
from esxdriver.conf.mapping.fields import dump, fact
from esxdriver.conf.xml import surface as xml


@dataclass(frozen=True)
class PoolDef:
    """A pool. Sizes are bytes, None where they are not known.

    ``hosts`` and ``directory`` are those of a share; ``portals`` are the addresses and ports of an iSCSI target,
    ``device`` is its IQN and ``initiator`` the one of the host's adapter.
    """

    type: str = fact(TEXT, xml="@type")
    name: str = fact(TEXT, xml="name")
    uuid: str = fact(TEXT, xml="uuid")
    capacity: int | None = fact(BYTES, xml="capacity", default=None)
    allocation: int | None = fact(BYTES, xml="allocation", default=None)
    available: int | None = fact(BYTES, xml="available", default=None)
    path: str | None = fact(TEXT, xml="target/path", default=None)
    directory: str | None = None
    format: str | None = None
    hosts: tuple[str, ...] = ()
    portals: tuple[tuple[str, int | None], ...] = ()
    device: str | None = None
    initiator: str | None = None


_BEFORE_THE_SOURCE = ("type", "name", "uuid", "capacity", "allocation", "available")


def format(definition: PoolDef) -> str:  # noqa: A001
    """Return the document of a pool."""
    root = xml.new("pool")
    dump(definition, root, _BEFORE_THE_SOURCE)
    source = root.added("source")
    for host in definition.hosts:
        source.added("host").put("@name", host)
    for address, port in definition.portals:
        portal = source.added("host")
        portal.put("@name", address)
        portal.put("@port", None if port is None else str(port))
    source.put("device/@path", definition.device)
    source.put("initiator/iqn/@name", definition.initiator)
    source.put("dir/@path", definition.directory)
    source.put("format/@type", definition.format)
    dump(definition, root, ("path",))
    for name, value in (("mode", "00"), ("owner", "0"), ("group", "0")):  # as libvirt's own driver has them
        root.put(f"target/permissions/{name}", value)
    return xml.text_of(root)


def uuid_of(text: str) -> UUID:
    """Return the UUID of what a text names, as a datastore's path or a target's IQN: the MD5 of it."""
    return UUID(bytes=hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest())
