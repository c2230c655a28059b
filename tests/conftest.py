"""One way to run the project's own tests in three modes.

- replayed, the default: ``esx`` is played back from ``cassettes/<test module>/<test>.yaml``; no network, no Go.
- ``--live``: ``esx`` is a connection to esxsim, whose binary ``$ESXSIM`` names.
- ``--record``: ``esx`` is a connection to esxsim that is recorded into the cassette.

``@pytest.mark.esx(model="vpx", uri_params="disk_mode=libvirt")`` says how ``esx`` is opened. A test that is marked
``live`` asks for ``sim`` and is skipped where that does not run.
"""

import logging
import os
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import libvirt
import pytest

import esxdriver

# The plugin comes by its entry point when the package is installed, as with tox.
_INSTALLED = any(entry.name == "esxdriver" for entry in entry_points(group="pytest11"))
pytest_plugins = ["pytester"] if _INSTALLED else ["pytester", "esxdriver.recording.plugin"]
collect_ignore = ["recording/outside"]  # a project of its own; test_outside.py runs it

CASSETTES = Path(__file__).parent.parent / "cassettes"


@pytest.fixture(autouse=True)
def _own_log():
    """Give back the package's log as it was: a command takes it over."""
    log = logging.getLogger("esxdriver")
    before = log.handlers, log.propagate, log.level, log.disabled
    yield
    log.handlers, log.propagate, log.level, log.disabled = before


def pytest_addoption(parser):
    group = parser.getgroup("esxdriver's own tests")
    group.addoption("--live", action="store_true", help="run against esxsim, the binary that $ESXSIM names")
    group.addoption("--live-only", action="store_true", help="--live, without the tests that ask no host")
    group.addoption(
        "--faults", choices=("short", "whole"), help="run tests/faults, with --live: a part of the cells, or all"
    )
    group.addoption("--soak", type=int, default=1, help="run tests/daemon/test_soak.py so many times as long")
    group.addoption("--qemu", action="store_true", help="run tests/qemu/test_real.py, with libvirtd and QEMU")
    group.addoption("--seconds", type=float, help="run tests/fuzz, for so long with each kind of input")
    group.addoption("--record", action="store_true", help="record the cassettes afresh from esxsim")


def pytest_configure(config):
    config.addinivalue_line("markers", "esx(model='esx', uri_params=''): how the fixture esx is opened")
    config.addinivalue_line("markers", "records: runs with --record although it does not use the fixture esx")
    config.option.live |= config.getoption("--live-only")
    if config.getoption("--record"):
        if os.environ.get("CI"):
            raise pytest.UsageError("--record: nothing is recorded in CI")
        config.option.esx_record_mode = "rewrite"


def pytest_collection_modifyitems(config, items):
    if config.getoption("--record"):
        _choose(config, items, _is_recorded)
    elif config.getoption("--live-only"):
        _choose(config, items, _asks_a_host)
    elif not config.getoption("--live"):
        _skip(items, "live", "needs esxsim: tox run -e live")
    if not config.getoption("--qemu"):
        _skip(items, "qemu", "needs libvirtd and QEMU: tox run -e qemu")
    if not config.getoption("--seconds"):
        _skip(items, "fuzz", "a minute or more: tox run -e fuzz")
    if not config.getoption("--faults"):
        _skip(items, "faults", "a minute or more: tox run -e faults")


def _choose(config, items, chosen):
    config.hook.pytest_deselected(items=[item for item in items if not chosen(item)])
    items[:] = [item for item in items if chosen(item)]


def _asks_a_host(item):
    return "esx" in item.fixturenames or item.get_closest_marker("live") is not None


def _skip(items, marker, reason):
    for item in items:
        if item.get_closest_marker(marker):
            item.add_marker(pytest.mark.skip(reason=reason))


def _is_recorded(item):
    replays = "esx" in item.fixturenames and not item.get_closest_marker("live")
    return replays or item.get_closest_marker("records")


def _asked(request):
    """Return what the marker ``esx`` says: model and URI parameters."""
    marker = request.node.get_closest_marker("esx")
    return {"model": "esx", "uri_params": "", **(marker.kwargs if marker else {})}


@pytest.fixture(scope="session")
def _sims():
    from tests.sim import Sim  # noqa: PLC0415 (only a live run needs it)

    running = {}

    def of(model):
        if model not in running:
            running[model] = Sim.start(model)
        return running[model]

    yield of
    for sim in running.values():
        sim.stop()


@pytest.fixture
def sim(_sims, request):
    """Give a simulator of the model that the test asks for, in its first state."""
    sim = _sims(_asked(request)["model"])
    sim.restore()
    return sim


@pytest.fixture
def esx_cassette_dir():
    return CASSETTES


@pytest.fixture
def esx_uri(request):
    asked = _asked(request)
    if _runs_live(request.config):
        return sim_uri(request.getfixturevalue("sim"), asked["uri_params"])
    return f"{_start(asked['model'], 'host')}?{asked['uri_params']}"


@pytest.fixture
def esx_auth(request):
    return password_auth(request.getfixturevalue("sim").password) if _runs_live(request.config) else None


def _runs_live(config):
    return config.getoption("--live") or config.getoption("--record")


def _start(model, address):
    scheme, path = ("esx", "") if model.startswith("esx") else ("vpx", "Lab/DC%201")
    return f"{scheme}://{address}/{path}"


def sim_uri(sim, parameters=""):
    """Return the URI of a simulator; its password goes another way."""
    return f"{_start(sim.model, f'{sim.user}@{sim.host}:{sim.port}')}?no_verify=1&{parameters}".rstrip("&")


def password_auth(password):
    """Return what ``openAuth()`` takes for ``auth`` to log in with this password."""

    def answer(questions, _):
        for question in questions:
            question[4] = password
        return 0

    return [[libvirt.VIR_CRED_PASSPHRASE], answer, None]


@pytest.fixture
def esx(request, esx_uri, esx_auth, esx_cassette_path) -> Iterator[esxdriver.Connect]:
    """Give an open connection: replayed, live or being recorded, as the command line says."""
    if request.config.getoption("--live"):
        with esxdriver.openAuth(esx_uri, esx_auth) as connection:
            yield connection
        return
    if not (_runs_live(request.config) or esx_cassette_path.exists()):
        pytest.fail(f"no cassette {esx_cassette_path}: run `tox run -e record`", pytrace=False)
    yield request.getfixturevalue("esx_connection")
