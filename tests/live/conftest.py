from collections.abc import Iterator

import pytest

from tests.live.rig import Rig
from tests.sim import Sim


@pytest.fixture
def rig(sim: Sim) -> Iterator[Rig]:
    with Rig(sim) as made:
        yield made
