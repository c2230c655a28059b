"""Options of a machine (``extraConfig``): whose each is, and what of a definition stands in them.

An option is one of four kinds. A field of the definition's own holds it; the host or the guest owns it; only a VMX file
has it; all others are the user's, and the definition shows them. What is not the user's is never shown and never sent:
not back to the machine, whose host has written something else meanwhile, and not to another.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, TypeVar

from esxdriver.conf.devices.filesystem import FilesystemDef
from esxdriver.conf.devices.graphics import GraphicsDef
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.fields import InvalidValueError, UnsupportedValueError, facts, load
from esxdriver.conf.mapping.keys import KeySurface
from esxdriver.conf.xml.foreign import adopted

_log = logging.getLogger(__name__)

T = TypeVar("T")

# Where other applications' <metadata> is kept; vSphere has no place of its own for it.
FOREIGN = "esxdriver.metadata"

# Options that are not the user's, by their owner; each is a pattern of a whole name in lower case.
OWNERS: Mapping[str, Sequence[str]] = {
    # What it is doing or has done: another host, another run or another copy writes something else.
    "the host, of a run": (
        r"checkpoint\..*", r"cleanshutdown", r"softpoweroff", r"migrate\..*", r"vmotion\..*", r"replay\..*",
        r"sched\.swap\.derivedname", r"vmxstats\.filename", r"numa\.autosize\..*", r"unity\.wascapable",
        r"(scsi|sata|nvme|ide)\d+:\d+\.redo", r"usb:\d+\.(parent|port|speed)", r"extendedconfigfile",
    ),
    # The processor that the host or its cluster lets the machine see, worked out anew at every start.
    "the host, of its processor": (
        r"(host|guest|user)cpuid\..*", r"featmask\..*", r"featurecompat\..*", r"evccompatibilitymode",
        r"monitor\.phys_bits_used",
    ),
    # Addresses and identities that no two machines may have.
    "the host, of an identity": (
        r"scsi\d+\.saswwid", r"vmci\d+\.id", r".*\.pcislotnumber", r"ethernet\d+\.generatedaddressoffset",
        r"uuid\.location", r"viv\.moid", r"vm\.genidx?", r"vm\.createdate", r"vtpm\..*", r"eam\.agent\..*",
    ),
    # What VMware Tools and the guest say, or what is said to them at each start.
    "the guest": (
        r"guestos\.detailed\.data", r"guestinfo\.detailed\.data", r"guestinfo\.vmtools\..*", r"guestinfo\.appinfo",
        r"guestinfo\.vmware\..*", r"guestinfo\.gc\.status", r"guestinfo\.ovfenv", r"tools\.capability\..*",
        r"tools\.remindinstall", r"toolsinstallmanager\..*", r"vmware\.tools\..*",
    ),
    # Which machine is transient.
    "this driver": (r"esxdriver\.transient",),
    # A domain that was read from a VMX file may have them among its options.
    "a VMX file": (
        r"\.encoding", r"guestos", r"config\.version", r"virtualhw\..*", r"vc\.uuid", r"uuid\.bios", r"uuid\.action",
        r"esxdriver\.(numbers\..*|absent)",
        r"(scsi|sata|nvme|ide|floppy|ethernet|serial|parallel|usb|sound)[\d:]*\."
        r"(present|filename|filetype|devicetype|mode|virtualdev)",
        r"pcipassthru\d+\.(present|id|pfid|systemid|vendorid|deviceid|networkname|dvs\..*|(generated)?macaddress.*)",
    ),
}  # fmt: skip

_OWNED = re.compile("|".join(pattern for patterns in OWNERS.values() for pattern in patterns))


def graphics(options: Mapping[str, str], domain: str) -> tuple[GraphicsDef, ...]:
    """Return the VNC server that options switch on, if they do."""
    surface = KeySurface(options, GraphicsDef.PREFIX)
    if str(surface.get("enabled")).lower() != "true":
        return ()
    return _understood([lambda: load(GraphicsDef, surface, type="vnc")], domain)


_FOLDER = re.compile(re.escape(FilesystemDef.PREFIX) + r"(\d{1,3})\.present", re.IGNORECASE)


def filesystems(options: Mapping[str, str], domain: str) -> tuple[FilesystemDef, ...]:
    """Return the shared folders that options hold, by their numbers."""
    numbers = sorted(int(folder[1]) for key in options if (folder := _FOLDER.fullmatch(key)))
    surfaces = {number: KeySurface(options, f"{FilesystemDef.PREFIX}{number}.") for number in numbers}
    present = {number: each for number, each in surfaces.items() if str(each.get("present")).lower() == "true"}
    return _understood(
        [partial(load, FilesystemDef, each, type="mount", number=number) for number, each in present.items()], domain
    )


def _understood(reads: Sequence[Callable[[], T]], domain: str) -> tuple[T, ...]:
    """Return what the reads give; what has no meaning is left out and logged."""
    found = []
    for read_one in reads:
        try:
            found.append(read_one())
        except (InvalidValueError, UnsupportedValueError) as error:
            _log.warning("%s: an option is left out: libvirt has no words for it (%s)", domain, error)
    return tuple(found)


def foreign(options: Mapping[str, str]) -> tuple[str, ...]:
    """Return the elements of other applications' metadata."""
    text = options.get(FOREIGN)
    return adopted(text) if text else ()


def _spoken_for() -> re.Pattern[str]:
    """Return what matches the options that other fields of the definition hold."""
    paths = [each.paths["vim"][6:] for _, each in facts(DomainDef, "vim") if each.paths["vim"].startswith("extra:")]
    prefixes = (GraphicsDef.PREFIX, FilesystemDef.PREFIX)
    exact = [re.escape(path.lower()) + "x?$" for path in (*paths, FOREIGN)]
    return re.compile(
        "|".join(
            [
                *exact,
                *(re.escape(prefix.lower()) for prefix in prefixes),
                r"(ethernet|pcipassthru)\d+\.checkmacaddress$",
            ]
        )
    )


_SPOKEN_FOR = _spoken_for()


def shown_options(config: Any) -> dict[str, str]:
    """Return the options that a definition shows: not those that other fields hold, nor the host's own."""
    return {option.key: str(option.value) for option in config.extraConfig or () if is_shown(option.key.lower())}


@lru_cache(4096)  # machines have much the same options
def is_shown(key: str) -> bool:
    """Whether a definition shows, and may change, the option of this lower-case name."""
    return not _SPOKEN_FOR.match(key) and not _OWNED.fullmatch(key)
