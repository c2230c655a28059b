"""The laws of the house: imports point one way, and each library has its one door."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "esxdriver"

# Each layer may import from those below it and from itself. Every module of the package has its place.
LAYERS = [
    {"cli"},
    {"__init__", "opening"},
    {"recording"},
    {"connect", "diskmodes", "domain", "native", "prefetching", "snapshot", "snapshotting"},
    {"vsphere", "vmx"},
    {"conf", "auth", "uri"},
    {"errors"},
]
# Packages side by side in a layer that know nothing of each other.
STRANGERS = {("vsphere", "vmx"), ("vmx", "vsphere"), ("conf", "auth"), ("conf", "uri")}

# The only importers of a library, as the first parts of a path.
DOORS = {
    "pyVmomi": {"vsphere"},
    "pyVim": set(),
    "vcr": {"recording"},
    "click": {"cli"},
    "rich": {"cli"},
}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def layer_of(name):
    return next((rank for rank, names in enumerate(LAYERS) if name in names), None)


def place(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Yield each module that a file imports at run time, whole."""
    tree = ast.parse(path.read_text())
    typing_only = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    skipped = {id(inner) for node in typing_only for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_has_its_layer():
    assert [str(path) for path in modules() if layer_of(place(path)) is None] == []


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    here = place(path)
    for name in imports(path):
        root, _, rest = name.partition(".")
        if root != "esxdriver" or rest == "__version__":
            continue
        there = rest.split(".")[0] if layer_of(rest.split(".")[0]) is not None else "__init__"
        assert layer_of(there) >= layer_of(here), f"{here} imports {name}"
        assert (here, there) not in STRANGERS, f"{here} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_library_has_its_door(path):
    for name in imports(path):
        allowed = DOORS.get(name.partition(".")[0])
        assert allowed is None or place(path) in allowed, f"{path.name} imports {name}"


def test_definitions_are_pure():
    doing = {"socket", "subprocess", "http", "urllib", "ssl", "asyncio", "threading"}
    for path in (PACKAGE / "conf").rglob("*.py"):
        found = {name.partition(".")[0] for name in imports(path)} & doing
        assert not found, f"{path.name} imports {found}"
