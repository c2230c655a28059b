"""What a switch or one of its port groups does with traffic: VLAN and bandwidth.

| libvirt | vSphere | |
|---------|---------|-|
| ``<vlan><tag id='20'/></vlan>`` | VLAN 20 | 0, or no element: untagged |
| ``<vlan trunk='yes'><tag id='4095'/></vlan>`` | VLAN 4095 | all, which the guest tags |
| ``<vlan trunk='yes'>`` with several tags | a distributed switch's trunk | |
| ``<inbound average= peak=``, kB/s | bits a second | 1000 bytes |
| ``burst=``, KiB | bytes | 1024 bytes |

Sources: https://libvirt.org/formatnetwork.html#quality-of-service, vSphere API, HostPortGroupSpec and
HostNetworkTrafficShapingPolicy.
"""

from dataclasses import dataclass

from esxdriver.conf.mapping.codecs import COUNT, whole
from esxdriver.conf.mapping.fields import InvalidValueError, Surface, UnsupportedValueError
from esxdriver.conf.xml.surface import ElementSurface

ALL_VLANS = 4095


@dataclass(frozen=True)
class Vlan:
    """VLANs by their IDs; a ``trunk`` leaves their tags to the guest."""

    tags: tuple[int, ...]
    trunk: bool = False

    def check_single(self, of: str) -> None:
        """Raise UnsupportedValueError for a choice of several, which no standard switch has."""
        if len(self.tags) > 1 or (self.trunk and self.tags != (ALL_VLANS,)):
            raise UnsupportedValueError(
                f"{of}: a standard switch has one VLAN for a port group, or all of them, "
                f"<vlan trunk='yes'><tag id='{ALL_VLANS}'/></vlan>"
            )


UNTAGGED = Vlan((0,))


class _VlanCodec:
    """``<vlan>``; a port group without tags has none. Read with IDs in order, each once."""

    def read(self, surface: Surface, path: str) -> Vlan | None:
        assert isinstance(surface, ElementSurface)
        if surface.get(path) is None:
            return None
        tags = sorted({_tag(each) for each in surface.children(path) if each.name == "tag"})
        if not tags:
            raise InvalidValueError(f"{path}/tag", "nothing")
        trunk = surface.get(f"{path}/@trunk")
        if trunk not in (None, "yes", "no") or (trunk == "no" and len(tags) > 1):
            raise InvalidValueError(f"{path}/@trunk", trunk, ("yes",))
        return Vlan(tuple(tags), trunk == "yes" or len(tags) > 1 or tags == [ALL_VLANS])

    def write(self, surface: Surface, path: str, value: Vlan) -> None:
        assert isinstance(surface, ElementSurface)
        if value == UNTAGGED:
            return
        vlan = surface.added(path, **({"trunk": "yes"} if value.trunk else {}))
        for tag in value.tags:
            vlan.added("tag", id=str(tag))


def _tag(element: ElementSurface) -> int:
    number = whole("vlan/tag/@id", element.get("@id") or "")
    if not 0 <= number <= ALL_VLANS:
        raise InvalidValueError("vlan/tag/@id", number)
    if element.get("@nativeMode") is not None:
        raise UnsupportedValueError("vlan/tag/@nativeMode: vSphere's VLANs have no native one")
    return number


@dataclass(frozen=True)
class Bandwidth:
    """How much traffic may pass, in each direction: kB/s, and KiB at once. Without ``average`` it is not limited."""

    average: int | None = None
    peak: int | None = None
    burst: int | None = None

    def covers(self, have: "Bandwidth") -> bool:
        """Whether ``have`` is as this asks for; what this leaves open may be anything."""
        if self.average is None or have.average is None:
            return self.average == have.average
        wanted = ((self.average, have.average), (self.peak, have.peak), (self.burst, have.burst))
        return all(want in (None, is_) for want, is_ in wanted)


UNLIMITED = Bandwidth()
_DIRECTIONS = ("inbound", "outbound")


class _BandwidthCodec:
    """``<bandwidth>``, the same in both directions. An element without them says that there is no limit."""

    def read(self, surface: Surface, path: str) -> Bandwidth | None:
        assert isinstance(surface, ElementSurface)
        if surface.get(path) is None:
            return None
        found = {each.name: _rates(each) for each in surface.children(path)}
        if not found:
            return UNLIMITED
        first, second = (found.get(name) for name in _DIRECTIONS)
        if first != second or first is None:
            raise UnsupportedValueError(f"{path}: vSphere limits both directions alike: write the same in and out")
        return first

    def write(self, surface: Surface, path: str, value: Bandwidth) -> None:
        assert isinstance(surface, ElementSurface)
        if value == UNLIMITED:
            return
        bandwidth = surface.added(path)
        for direction in _DIRECTIONS:
            for name, each in (("average", value.average), ("peak", value.peak), ("burst", value.burst)):
                bandwidth.put(f"{direction}/@{name}", None if each is None else str(each))


def _rates(element: ElementSurface) -> Bandwidth:
    if element.get("@floor") is not None:
        raise UnsupportedValueError(f"bandwidth/{element.name}/@floor: vSphere guarantees no traffic")
    average, peak, burst = (COUNT.read(element, f"@{name}") for name in ("average", "peak", "burst"))
    if average is None:
        raise InvalidValueError(f"bandwidth/{element.name}/@average", "nothing")
    return Bandwidth(average, peak, burst)


VLAN = _VlanCodec()
BANDWIDTH = _BandwidthCodec()
