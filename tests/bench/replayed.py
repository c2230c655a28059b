"""How long 500 calls take that were recorded, against the same calls live."""

import tempfile
import time
from pathlib import Path

from esxdriver import recording
from tests.conftest import password_auth
from tests.sim import Sim

CALLS = 500


def compared(sim: Sim) -> tuple[float, float]:
    """Return the seconds of the live calls, which are recorded, and of their replay; loading the file is in it."""
    uri = f"esx://{sim.user}@{sim.host}:{sim.port}/?no_verify=1"
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "bench.yaml"
        with recording.record(path, recording.live(uri)) as cassette:
            live = _timed(lambda: _ask(recording.connect(uri, cassette, password_auth(sim.password))))
        return live, _timed(lambda: _ask(recording.connect(uri, recording.replay(path))))


def _ask(conn) -> None:
    with conn:
        domain = conn.lookupByName("web01")
        for _ in range(CALLS - 5):
            domain.state()


def _timed(run) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
