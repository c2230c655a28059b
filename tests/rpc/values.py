"""Values of the wire's types, drawn by what the table says of them."""

import re

from hypothesis import strategies as st

from esxdriver.rpc import protocol

LONGEST = 3  # of what is drawn; limits have tests of their own

TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12)
SCALARS = {
    "i32": st.integers(-(2**31), 2**31 - 1),
    "u32": st.integers(0, 2**32 - 1),
    "i64": st.integers(-(2**63), 2**63 - 1),
    "u64": st.integers(0, 2**64 - 1),
    "f64": st.floats(allow_nan=False),
    "i8w": st.integers(-128, 127),
    "u8w": st.integers(0, 255),
    "u16w": st.integers(0, 65535),
    "str": TEXT,
    "uuid": st.binary(min_size=16, max_size=16),
}
TYPED = {1: "i32", 2: "u32", 3: "i64", 4: "u64", 5: "f64", 6: "i32", 7: "str"}
SCALARS["typed_param_value"] = st.one_of(*(st.tuples(st.just(kind), SCALARS[of]) for kind, of in TYPED.items()))


def of_type(expression):
    """Draw what ``expression`` of the table means."""
    parts = re.fullmatch(r"(\w+)(?:<(\d+)>|\[(\d+)\]|(\?))?", expression)
    of, limit, size, optional = parts.groups()
    if of in {"i8w", "bytes"} and (limit or size):
        return st.binary(min_size=int(size or 0), max_size=int(size or LONGEST))
    inner = SCALARS[of] if of in SCALARS else of_structure(protocol.fields_of(of))
    if limit:
        return st.lists(inner, max_size=min(int(limit), LONGEST))
    return st.none() | inner if optional else inner


def of_structure(fields):
    return st.tuples(*(of_type(field.split(":", 1)[1]) for field in fields.split()))


def structures():
    """Yield the name, the fields and the type of every structure there is."""
    for name, fields in protocol.structures().items():
        yield name, fields, protocol.structure(name)
    for row in protocol.procedures().values():
        if row.arguments:
            yield f"{row.name}_args", row.argument_fields, row.arguments
        if row.reply:
            yield f"{row.name}_ret", row.reply_fields, row.reply
