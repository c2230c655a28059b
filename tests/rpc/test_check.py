"""The comparison of the table with a libvirt source tree, on a tree made of the table itself."""

import re

import pytest

from esxdriver.rpc import check, protocol

C_TYPES = {"i32": "int", "u32": "unsigned int", "i64": "hyper", "u64": "unsigned hyper", "f64": "double", "i8w": "char",
           "u8w": "unsigned char", "u16w": "unsigned short", "bytes": "opaque", "str": "remote_nonnull_string",
           "uuid": "remote_uuid"}  # fmt: skip


def declared(name, fields):
    lines = []
    for field in fields.split():
        label, of, bound, optional = re.fullmatch(r"(\w+):(\w+)((?:<\d+>|\[\d+\])?)(\??)", field).groups()
        kind = C_TYPES.get(of, f"remote_{of}")
        if optional:
            kind = {"str": "remote_string"}.get(of) or kind.replace("nonnull_", "")
        lines.append(f"    {kind} {label}{bound};")
    return f"struct {name} {{\n" + "\n".join(lines) + "\n};\n"


def annotated(row):
    notes = "".join(
        note
        for note, is_so in [
            ("@priority: high ", row.priority),
            ("@readstream: 1 ", "down" in row.rules),
            ("@writestream: 1 ", "up" in row.rules),
        ]
        if is_so
    )
    return f"/** {notes}*/\n    REMOTE_PROC_{row.name.upper()} = {row.number},\n"


@pytest.fixture
def tree(tmp_path):
    structures = dict(protocol.structures())
    error = structures.pop("error")
    for row in protocol.procedures().values():
        suffix = "msg" if row.kind == "event" else "args"
        structures |= {f"{row.name}_{suffix}": row.argument_fields, f"{row.name}_ret": row.reply_fields}
    text = "".join(declared(f"remote_{name}", fields) for name, fields in structures.items() if fields != "-")
    text += "enum remote_procedure {\n" + "".join(map(annotated, protocol.procedures().values()))
    text += (
        "".join(f"    REMOTE_PROC_{name.upper()} = {number},\n" for number, name in protocol.others().items()) + "};\n"
    )
    for part, content in (
        ("remote/remote_protocol.x", text),
        ("rpc/virnetprotocol.x", declared("virNetMessageError", error)),
    ):
        (tmp_path / "src" / part).parent.mkdir(parents=True)
        (tmp_path / "src" / part).write_text(content)
    return tmp_path


def test_a_tree_that_says_the_same_has_no_differences(tree, capsys):
    assert check.main([str(tree)]) == 0
    known = len(protocol.procedures())
    every = known + len(protocol.others())
    assert capsys.readouterr().out == f"{known} of {every} procedures are in the table, 0 differences\n"


# In the tree: what is there, what is there instead, what the difference says
CHANGES = [
    ("REMOTE_PROC_DOMAIN_CREATE = 9,", "REMOTE_PROC_DOMAIN_CREATE = 8,", "domain_create: number 9, in the source: 8"),
    ("    int maxids;", "    unsigned int maxids;", "connect_list_domains_args: maxids:i32, in the source: maxids:u32"),
    ("ids<16384>", "ids<99>", "connect_list_domains_ret: ids:i32<16384>, in the source: ids:i32<99>"),
    ("remote_string mime", "remote_nonnull_string mime", "domain_screenshot_ret: mime:str?, in the source: mime:str"),
    (
        "/** @readstream: 1 */\n    REMOTE_PROC_DOMAIN_SCREENSHOT",
        "/** */\n    REMOTE_PROC_DOMAIN_SCREENSHOT",
        "domain_screenshot: its stream differs",
    ),
    (
        "/** @priority: high */\n    REMOTE_PROC_DOMAIN_DESTROY =",
        "/** */\n    REMOTE_PROC_DOMAIN_DESTROY =",
        "domain_destroy: its priority differs",
    ),
    (
        "REMOTE_PROC_INTERFACE_UNDEFINE = 132,",
        "REMOTE_PROC_INTERFACE_UNDEFINE = 131,",
        "interface_undefine: number 132, in the source: 131",
    ),
]


@pytest.mark.parametrize(("there", "instead", "said"), CHANGES)
def test_each_difference_is_said(tree, capsys, there, instead, said):
    file = tree / "src/remote/remote_protocol.x"
    text = file.read_text()
    assert there in text
    file.write_text(text.replace(there, instead, 1))
    assert check.main([str(tree)]) == 1
    assert said in capsys.readouterr().out.splitlines()
