"""The laws of the house hold in it, and each finds a house in which it is broken."""

import tomllib
from pathlib import Path

import pytest

from tests import laws

HOUSE = laws.House()
ROOT = Path(__file__).parents[1]

# Each law, and a module by which it is broken.
LAWS = [
    (laws.modules_without_a_room, "attic/box", ""),
    (laws.imports_from_above, "conf/devices/disk", "from esxdriver.driver import connect"),
    (laws.imports_from_above, "vsphere/wire/http", "import esxdriver.vsphere.query.task"),
    (laws.imports_from_above, "conf/mapping/fields", "def f():\n    from esxdriver.conf.domain import xml"),
    (laws.imports_of_strangers, "vmx/text", "from esxdriver.vsphere.wire import http"),
    (laws.imports_of_strangers, "conf/xml/tree", "from esxdriver import uri"),
    (laws.circles, "conf/xml/tree", "from esxdriver.conf.xml import surface"),
    (laws.libraries_by_another_door, "driver/connect", "from pyVmomi import vim"),
    (laws.libraries_by_another_door, "conf/domain/xml", "from lxml import etree"),
    (laws.libraries_by_another_door, "recording/plugin", "import rich.table"),
    (laws.libraries_by_another_door, "driver/host", "if TYPE_CHECKING:\n    import vcr"),
    (laws.definitions_that_do_something, "conf/xml/schema", "import subprocess"),
    (laws.definitions_that_do_something, "vmx/paths", "import socket"),
    (laws.surfaces_asked_what_they_are, "conf/devices/disk", "def read(surface):\n    return surface.kind == 'xml'"),
    (laws.modes_spelled_elsewhere, "vmx/disk", "mode = 'independent-persistent'"),
    (laws.modes_spelled_elsewhere, "cli/commands/diskmodes", "MODES = {'undoable': 1}"),
    (laws.names_that_were_replaced, "conf/xml/tree", "def f(word): ..."),
    (laws.names_that_were_replaced, "driver/host", "class Words: ..."),
    (laws.names_that_were_replaced, "driver/host", "for self._place in (): ..."),
    (laws.errors_caught_as_something_else, "cli/files", "try: ...\nexcept OSError as lost: ..."),
]


@pytest.mark.parametrize("law", dict.fromkeys(law for law, *_ in LAWS), ids=lambda law: law.__name__)
def test_the_law_holds(law):
    assert law(HOUSE) == []


@pytest.mark.parametrize(("law", "path", "text"), LAWS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_the_law_finds_what_breaks_it(law, path, text, tmp_path):
    for each in [*HOUSE.trees, path]:
        file = tmp_path / f"{each}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / f"{path}.py").write_text(text)
    if law is laws.circles:
        (tmp_path / "conf/xml/surface.py").write_text("from esxdriver.conf.xml import tree")
    assert any(path in each for each in law(laws.House(tmp_path)))


def test_every_room_of_the_plan_is_there():
    assert laws.rooms_without_a_module(HOUSE) == []


def test_the_linter_sees_access_to_privates():
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "SLF" in lint["select"]
    assert not any(
        "SLF" in rule for path, rules in lint["per-file-ignores"].items() for rule in rules if "test" not in path
    )
