"""The laws of the house, as functions that return what breaks them: imports, doors, purity, words of one place.

They take the folder of a package, so that a test can show a house in which they are broken.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from esxdriver.conf.mapping.enums import DiskMode

PACKAGE = Path(__file__).parents[1] / "esxdriver"

# Floors from the top down. A room imports from its own and from lower floors. Every module has its room: the longest
# of these paths that it lies in.
FLOORS = [
    {"cli/commands", "cli/__init__", "__main__", "daemon/command", "daemon/__main__"},
    {"cli", "daemon"},
    {"checking"},
    {"recording", "driver/opening", "__init__"},
    {"recording/cassette"},
    {"recording/scrub"},
    {"recording/interactions", "recording/xml"},
    {"driver"},
    {"qemu", "vsphere/bulk", "vsphere/change"},
    {"vsphere/storage", "vsphere/network"},
    {"vsphere/machine", "vsphere/statistics", "vmx"},
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
    {"outcome", "lookup"},
    {"errors", "flags", "waiting", "characters"},
    {"installed"},
]
# Rooms of one floor, or of floors one above the other, that know nothing of each other.
STRANGERS = [("vmx", "vsphere"), ("conf", "auth"), ("conf", "uri"), ("recording/scrub", "vsphere"),
             ("qemu", "vsphere"), ("qemu", "vmx")]  # fmt: skip

# The only importers of a library.
DOORS = {
    "pyVmomi": {"vsphere"},
    "pyVim": set(),
    "vcr": {"recording"},
    "click": {"cli", "daemon/command"},
    "rich": {"cli"},
    "lxml": {"conf/xml", "vsphere/wire", "recording", "cli/page"},
}

# What a definition never does: it is a value made from a value.
INPUT_OUTPUT = {"socket", "subprocess", "http", "urllib", "ssl", "asyncio", "threading"}


# What modes are called that are words of their own elsewhere: two elements of the XML, a keyword of Python's lists.
ORDINARY = {"persistent", "nonpersistent", "append"}

# What chooses a column by the kind of surface, and a spelling.
ENGINE = {"conf/mapping/fields", "conf/mapping/codecs", "conf/mapping/enums"}

# Where each mode is spelled.
MODES = "conf/mapping/enums"

# Names that were this project's own, and what is said instead. A caught error is ``error``, or ``cause`` where that is
# the function that makes one.
REPLACED = {
    "word": "value, text, name",
    "words": "values, args",
    "told": "reported",
    "fates": "outcomes",
    "place": "address, index, path",
    "places": "addresses, indexes, paths",
    "doing": "failure",
    "tape": "interactions",
    "odd": "error",
}
CAUGHT = {"error", "cause"}


class House:
    """The modules of a package, by their paths in it without the ending."""

    def __init__(self, package: Path = PACKAGE) -> None:
        self.trees = {
            file.relative_to(package).with_suffix("").as_posix(): ast.parse(file.read_text())
            for file in sorted(package.rglob("*.py"))
        }

    def imported(self, path: str, *, typing_too: bool = False) -> Iterator[str]:
        """Yield each module, or name in a module, that a module imports, as a dotted name."""
        tree = self.trees[path]
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

    def own_imports(self, path: str) -> Iterator[str]:
        """Yield the path of each module of the package that a module imports at run time."""
        for name in self.imported(path):
            root, _, rest = name.partition(".")
            if root != "esxdriver" or rest == "__version__":
                continue
            here = rest.replace(".", "/")
            above = here.rpartition("/")[0]
            candidates = [here, f"{here}/__init__", above, f"{above}/__init__".lstrip("/")]
            yield next(each for each in candidates if each in self.trees)


def lies_in(path: str, room: str) -> bool:
    return path == room or path.startswith(f"{room}/")


def floor_of(path: str) -> int | None:
    """Return the number of the floor, from the top, that a module stands on; None when it has no room."""
    rooms = [(len(room), number) for number, rooms in enumerate(FLOORS) for room in rooms if lies_in(path, room)]
    return max(rooms)[1] if rooms else None


# -- the laws


def modules_without_a_room(house: House) -> list[str]:
    return [path for path in house.trees if floor_of(path) is None]


def rooms_without_a_module(house: House) -> list[str]:
    return [room for floor in FLOORS for room in floor if not any(lies_in(path, room) for path in house.trees)]


def imports_from_above(house: House) -> list[str]:
    return [
        f"{here} imports {there}"
        for here in house.trees
        for there in house.own_imports(here)
        if (floor_of(there) or 0) < (floor_of(here) or 0)
    ]


def imports_of_strangers(house: House) -> list[str]:
    return [
        f"{here} imports {there}"
        for here in house.trees
        for there in house.own_imports(here)
        for pair in STRANGERS
        if any(lies_in(here, one) and lies_in(there, other) for one, other in (pair, pair[::-1]))
    ]


def circles(house: House) -> list[str]:
    """Return the modules that import each other, with those that hang on them."""
    graph = {path: set(house.own_imports(path)) - {path} for path in house.trees}
    while leaves := [path for path, below in graph.items() if not below & graph.keys()]:
        for path in leaves:
            del graph[path]
    return sorted(graph)


def libraries_by_another_door(house: House) -> list[str]:
    found = []
    for path in house.trees:
        for name in house.imported(path, typing_too=True):
            rooms = DOORS.get(name.partition(".")[0])
            if rooms is not None and not any(lies_in(path, room) for room in rooms):
                found.append(f"{path} imports {name}")
    return found


def definitions_that_do_something(house: House) -> list[str]:
    return [
        f"{path} imports {name}"
        for path in house.trees
        if lies_in(path, "conf") or lies_in(path, "vmx")
        for name in house.imported(path)
        if name.partition(".")[0] in INPUT_OUTPUT
    ]


def surfaces_asked_what_they_are(house: House) -> list[str]:
    """Return the modules whose codecs branch on the kind of a surface, for which a column has a codec of its own."""
    return [
        f"{path} asks for surface.kind in line {node.lineno}"
        for path, tree in house.trees.items()
        if path not in ENGINE
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "surface.kind"
    ]


def modes_spelled_elsewhere(house: House) -> list[str]:
    spelled = {each for mode in DiskMode for each in (mode.vim, mode.vmx)} - ORDINARY
    return [
        f"{path} spells {node.value!r}"
        for path, tree in house.trees.items()
        if path != MODES
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in spelled
    ]


def names_that_were_replaced(house: House) -> list[str]:
    """Return where a variable, argument, function or class has a name that another one has replaced."""
    found = []
    for path, tree in house.trees.items():
        for node in ast.walk(tree):
            match node:
                case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                    pass
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    pass
                case _:
                    continue
            if (plain := name.strip("_").lower()) in REPLACED:
                found.append(f"{path}, line {node.lineno}: {name} is called {REPLACED[plain]}")
    return found


def errors_caught_as_something_else(house: House) -> list[str]:
    return [
        f"{path}, line {node.lineno}: except ... as {node.name}: it is called error, or cause"
        for path, tree in house.trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and node.name is not None and node.name not in CAUGHT
    ]
