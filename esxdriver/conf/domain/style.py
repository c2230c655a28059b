"""How a document is written: what the connection's URI and the flags of a dump ask for."""

from dataclasses import dataclass

from esxdriver.conf.mapping.enums import DiskModeXML


@dataclass(frozen=True)
class Style:
    """How a definition is written.

    ``secure`` shows passwords and secret options, ``legacy_uuid`` has the BIOS UUID as ``<uuid>``, ``domain_id`` is the
    ID of a running domain, whose interfaces have their names as targets.
    """

    disk_mode: DiskModeXML = DiskModeXML.ATTRIBUTES
    secure: bool = False
    legacy_uuid: bool = False
    domain_id: int | None = None


DEFAULT = Style()
