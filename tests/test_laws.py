"""The laws of the house: imports point one way, each library has its one door, a fact stands in one place."""

import ast
from pathlib import Path

import pytest

from esxdriver.conf.mapping.enums import DiskMode

PACKAGE = Path(__file__).parents[1] / "esxdriver"

# Floors from the top down. A room imports from its own and from lower floors. Every module has its room: the longest
# of these paths that it lies in.
FLOORS = [
    {"cli/commands", "cli/__init__", "daemon/command", "daemon/__main__"},
    {"cli", "daemon"},
    {"recording", "driver/opening", "__init__"},
    {"recording/cassette"},
    {"recording/scrub"},
    {"recording/interactions", "recording/xml"},
    {"driver"},
    {"vsphere/bulk", "vsphere/change"},
    {"vsphere/machine", "vmx"},
    {"vsphere/query"},
    {"vsphere/wire", "vsphere"},
    {"conf/snapshot", "conf"},
    {"conf/domain"},
    {"conf/devices"},
    {"conf/xml"},
    {"conf/mapping"},
    {"auth"},
    {"uri", "keyfile"},
    {"rpc"},
    {"outcome"},
    {"errors", "waiting"},
]
# Rooms of one floor, or of floors one above the other, that know nothing of each other.
STRANGERS = [("vmx", "vsphere"), ("conf", "auth"), ("conf", "uri"), ("recording/scrub", "vsphere")]

# The only importers of a library.
DOORS = {
    "pyVmomi": {"vsphere"},
    "pyVim": set(),
    "vcr": {"recording"},
    "click": {"cli", "daemon/command"},
    "rich": {"cli"},
    "lxml": {"conf/xml", "vsphere/wire", "recording"},
}

# What a definition never does: it is a value made from a value.
INPUT_OUTPUT = {"socket", "subprocess", "http", "urllib", "ssl", "asyncio", "threading"}


# What modes are called that are words of their own elsewhere: two elements of the XML, a keyword of Python's lists.
ORDINARY = {"persistent", "nonpersistent", "append"}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def path_of(file):
    return file.relative_to(PACKAGE).with_suffix("").as_posix()


def lies_in(path, room):
    return path == room or path.startswith(f"{room}/")


def floor_of(path):
    """Return the number of the floor, from the top, that a module stands on; None when it has no room."""
    rooms = [(len(room), number) for number, rooms in enumerate(FLOORS) for room in rooms if lies_in(path, room)]
    return max(rooms)[1] if rooms else None


def imported(file, *, typing_too=False):
    """Yield each module, or name in a module, that a file imports, as a dotted name."""
    tree = ast.parse(file.read_text())
    typing_only = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    skipped = set() if typing_too else {id(inner) for node in typing_only for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(file):
    """Yield the path of each module of the package that a file imports at run time."""
    known = {path_of(each) for each in modules()}
    for name in imported(file):
        root, _, rest = name.partition(".")
        if root != "esxdriver" or rest == "__version__":
            continue
        path = rest.replace(".", "/")
        candidates = [
            path,
            f"{path}/__init__",
            path.rpartition("/")[0],
            f"{path.rpartition('/')[0]}/__init__".lstrip("/"),
        ]
        yield next(each for each in candidates if each in known)


EACH_MODULE = pytest.mark.parametrize("file", modules(), ids=path_of)


def test_every_module_has_its_room():
    assert [path_of(file) for file in modules() if floor_of(path_of(file)) is None] == []


def test_every_room_is_there():
    known = [path_of(file) for file in modules()]
    assert [room for floor in FLOORS for room in floor if not any(lies_in(path, room) for path in known)] == []


@EACH_MODULE
def test_imports_point_one_way(file):
    here = path_of(file)
    for there in own_imports(file):
        assert floor_of(there) >= floor_of(here), f"{here} imports {there}"
        for pair in STRANGERS:
            meets = any(lies_in(here, a) and lies_in(there, b) for a, b in (pair, pair[::-1]))
            assert not meets, f"{here} imports {there}"


def test_no_modules_import_each_other():
    graph = {path_of(file): set(own_imports(file)) - {path_of(file)} for file in modules()}
    while leaves := [path for path, below in graph.items() if not below & graph.keys()]:
        for path in leaves:
            del graph[path]
    assert sorted(graph) == [], "a circle of imports, and what hangs on it"


@EACH_MODULE
def test_each_library_has_its_door(file):
    for name in imported(file, typing_too=True):
        rooms = DOORS.get(name.partition(".")[0])
        assert rooms is None or any(lies_in(path_of(file), room) for room in rooms), f"{path_of(file)} imports {name}"


@EACH_MODULE
def test_definitions_are_pure(file):
    if lies_in(path_of(file), "conf") or lies_in(path_of(file), "vmx"):
        assert not {name.partition(".")[0] for name in imported(file)} & INPUT_OUTPUT


@EACH_MODULE
def test_a_mode_is_spelled_in_its_enum_only(file):
    if path_of(file) == "conf/mapping/enums":
        return
    spelled = {each for mode in DiskMode for each in (mode.vim, mode.vmx)} - ORDINARY
    strings = {node.value for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant)}
    assert not strings & spelled
