"""What an error says of the changes that were sent before it."""

import pytest

from esxdriver import outcome


def notes_of(states):
    """Return what is said of changes, each of which has come as far as its letter says: Done, Under way, Sent."""
    with pytest.raises(KeyboardInterrupt) as caught, outcome.watched():  # noqa: PT012 - the order is the point
        for number, state in enumerate(states):
            change = outcome.sent(f"change {number}")
            if state == "D":
                change.done()
            elif state == "U":
                change.under_way(f"task-{number}")
        raise KeyboardInterrupt
    return caught.value.__notes__[0].split("; ")


@pytest.mark.parametrize(
    ("states", "count", "named"),
    [
        ("D", None, [0]),
        ("DDDDD", None, [0, 1, 2, 3, 4]),
        ("DDDDDDD", 2, [2, 3, 4, 5, 6]),
        ("UDDDDDDD", 2, [0, 3, 4, 5, 6, 7]),
        ("USUSUSUS", None, [0, 1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_of_many_changes_those_of_unknown_outcome_are_always_named(states, count, named):
    said = notes_of(states)
    if count is not None:
        assert said.pop(0) == f"changes done before: {count}"
    assert [text.partition(" was")[0] for text in said] == [f"change {number}" for number in named]
