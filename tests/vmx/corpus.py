"""Pairs from libvirt's own test suite, which lie beside the project and not in it, and its test program's rules."""

from collections import Counter
from collections.abc import Iterator

import pytest
from lxml import etree

from esxdriver.vmx import Missing, Paths
from tests.corpus import FOLDER

VMX_PATH = "[datastore] directory/test.vmx"


class CorpusPaths(Paths):
    """A datastore or a file whose name is ``missing`` is not there."""

    def read(self, name: str) -> str:
        if "missing" in name:
            raise Missing(name)
        return super().read(name)


PATHS = CorpusPaths(VMX_PATH)


def pairs(folder: str, source: str, wanted: str) -> list[object]:
    """Return the parameters of a test: source and expected text of each pair, or one that is skipped and says why."""
    found = sorted((FOLDER / folder).glob(f"*.{source}"))
    if not found:
        reason = f"no {folder} pairs: shared/corpus is not beside the project"
        return [pytest.param(None, None, marks=pytest.mark.skip(reason=reason), id="absent")]
    return [
        pytest.param(path.read_text(), other.read_text() if other.exists() else None, id=path.stem)
        for path in found
        for other in (path.with_suffix(f".{wanted}"),)
    ]


def texts(folder: str = "vmx2xml", ending: str = "vmx") -> list[str]:
    return [path.read_text() for path in sorted((FOLDER / folder).glob(f"*.{ending}"))]


def missing_from(wanted: str, ours: str) -> list[str]:
    """Return what of the document ``wanted`` is not in ``ours``: elements in their order, attributes, texts."""
    expected = etree.fromstring(wanted)
    _spare_duplicates(expected)
    _spare_null_uuid(expected)
    return list(_missing(expected, etree.fromstring(ours), expected.tag))


def _spare_duplicates(domain: etree._Element) -> None:
    """The in-tree driver calls two disks sda; ours have names of their own."""
    targets = domain.findall("devices/disk/target")
    names = Counter(target.get("dev") for target in targets)
    for target in targets:
        if names[target.get("dev")] > 1:
            del target.attrib["dev"]


def _spare_null_uuid(domain: etree._Element) -> None:
    """The in-tree driver shows the null UUID where a file has none; here there is none."""
    uuid = domain.find("uuid")
    if uuid is not None and not uuid.text.strip("0-"):
        domain.remove(uuid)


def _missing(wanted: etree._Element, ours: etree._Element, path: str) -> Iterator[str]:
    for name, value in wanted.attrib.items():
        if ours.get(name) != value:
            yield f"{path}/@{name}: {value!r}, not {ours.get(name)!r}"
    if (wanted.text or "").strip() and wanted.text != ours.text:
        yield f"{path}: {wanted.text!r}, not {ours.text!r}"
    # libvirt's parser takes the children of most elements in any order; that of the devices is theirs.
    candidates = list(ours)
    for child in wanted:
        position = next((at for at, each in enumerate(candidates) if _holds(child, each)), None)
        if position is None:
            yield f"{path}: no {etree.tostring(child).decode().strip()}"
        elif wanted.tag == "devices":
            del candidates[: position + 1]


def _holds(wanted: etree._Element, ours: etree._Element) -> bool:
    return wanted.tag == ours.tag and not list(_missing(wanted, ours, ""))
