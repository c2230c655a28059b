"""The pytest plugin: tests that talk to an ESX host, without the host.

``esx_connection`` is an open connection that is replayed from a cassette named after the test, or from the
one that ``@pytest.mark.esx_cassette("lab.yaml")`` names. To record, run
``pytest --esx-record-mode=once --esx-record-uri=esx://root@host/``; credentials come from libvirt's auth file
or from the fixture ``esx_auth``. Nothing is ever recorded where ``CI`` is set.

pytest imports this at every start, so everything heavy stays behind ``recording``, which loads on demand.
"""

import os
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from esxdriver import recording

if TYPE_CHECKING:
    from esxdriver.recording.cassette.cassette import Cassette
    from esxdriver.recording.cassette.connection import Connections

_MODES = ("none", "once", "new_episodes", "all", "rewrite")
_COUNTS = ("replayed", "recorded", "missed")
_LOST = "not kept, for their tests failed"
_PROPERTY = "esx_cassette"
_PASSED = pytest.StashKey[bool]()
_WRITTEN = pytest.StashKey[set[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the ini setting."""
    group = parser.getgroup("esx", "cassettes of ESX hosts")
    group.addoption(
        "--esx-record-mode",
        choices=_MODES,
        default="none",
        help="what is asked from the host (default: none)",
    )
    group.addoption(
        "--esx-record-uri",
        default=os.environ.get("ESX_RECORD_URI"),
        help="the host to record from, as esx://root@host/ (default: $ESX_RECORD_URI)",
    )
    group.addoption("--esx-pseudonyms", action="store_true", help="record names and addresses as others")
    group.addoption("--esx-fail-unused", action="store_true", help="fail a test that leaves recorded calls unused")
    group.addoption("--esx-allow-loopback", action="store_true", help="let replayed tests reach this machine")
    group.addoption("--esx-max-age", type=int, metavar="DAYS", help="tell which cassettes are older than that")
    parser.addini("esx_source", "what a recording's head says of where it was made, as 'the lab in Graz'")
    parser.addini("esx_cassette_dir", "where cassettes are, from the root (default: beside each test file)")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and keep CI from recording."""
    config.addinivalue_line("markers", "esx_cassette(path): replay esx_connection from this cassette")
    config.addinivalue_line("markers", "esx_allow_loopback: a replay leaves connections on this machine open")
    config.stash[_WRITTEN] = set()


def record_mode(config: pytest.Config) -> str:
    """Return what may be asked from the host: in CI nothing, whatever the option says."""
    mode = str(config.getoption("--esx-record-mode"))
    return "none" if _in_ci() else mode


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say so when the mode that was asked for is not the one in force."""
    asked, mode = config.getoption("--esx-record-mode"), record_mode(config)
    return None if asked == mode else f"esx: CI is set, so --esx-record-mode={asked} becomes {mode}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Remember whether the test itself passed: only then is a recording worth keeping."""
    report = yield
    if call.when == "call":
        item.stash[_PASSED] = report.passed
    return report


@pytest.fixture
def esx_cassette_dir(request: pytest.FixtureRequest) -> Path:
    """Give the directory of the cassettes: the ini setting's, else ``cassettes`` beside the test's file."""
    directory = request.config.getini("esx_cassette_dir")
    return request.config.rootpath / directory if directory else Path(request.path.parent, "cassettes")


@pytest.fixture
def esx_cassette_path(request: pytest.FixtureRequest, esx_cassette_dir: Path) -> Path:
    """Give the path of the test's cassette: the marker's, else ``<test module>/<test>.yaml``."""
    marker = request.node.get_closest_marker("esx_cassette")
    own = Path(request.path.stem, _file_name(request.node))
    return esx_cassette_dir / (marker.args[0] if marker and marker.args else own)


def _file_name(item: Any) -> str:
    name = f"{item.cls.__name__}.{item.name}" if item.cls else item.name
    return re.sub(r"[^\w.-]+", "_", name).strip("_") + ".yaml"


@pytest.fixture
def esx_auth() -> list[Any] | None:
    """Give what ``openAuth()`` takes as ``auth`` while recording; override it to hand over credentials."""
    return None


@pytest.fixture
def esx_uri(request: pytest.FixtureRequest, esx_cassette_path: Path) -> str:
    """Give the URI to open: ``--esx-record-uri`` when there is one, else whatever host was recorded."""
    given = request.config.getoption("--esx-record-uri")
    records = record_mode(request.config) != "none"
    if records and given:
        return str(given)
    if records and not esx_cassette_path.exists():
        pytest.fail("to record, say from where: --esx-record-uri=URI or $ESX_RECORD_URI", pytrace=False)
    return recording.recorded_uri(esx_cassette_path) if esx_cassette_path.exists() else "esx://host/"


@pytest.fixture
def esx_connections(esx_uri: str) -> "Connections":
    """Give the connections to record from; override it for a host that is reached in another way."""
    return recording.live(esx_uri)


@pytest.fixture
def esx_cassette(request: pytest.FixtureRequest, esx_cassette_path: Path) -> "Iterator[Cassette]":
    """Give the open cassette: ``connections()`` is for a SOAP stub of one's own, ``counts`` tells its use."""
    cassette = _open_cassette(request, esx_cassette_path)
    with nullcontext() if cassette.asks else recording.no_network(loopback=_allows_loopback(request)):
        yield cassette
    passed = request.node.stash.get(_PASSED, False)
    kept = False
    try:
        if passed:
            cassette.close()
            kept = True
    finally:
        _report_use(request.node, cassette, kept=kept)
    if kept and cassette.counts.recorded:
        request.config.stash[_WRITTEN].add(cassette.path)
    if passed and request.config.getoption("--esx-fail-unused") and cassette.unused:
        unused = ", ".join(cassette.unused)
        pytest.fail(f"cassette {cassette.path}: recorded and not asked for: {unused}", pytrace=False)


@pytest.fixture
def esx_connection(esx_cassette: "Cassette", esx_uri: str, esx_auth: list[Any] | None) -> Iterator[Any]:
    """Give an open ``esxdriver.Connect``, replayed or recorded; it is closed after the test."""
    connection = recording.connect(esx_uri, esx_cassette, auth=esx_auth)
    yield connection
    connection.close()


def _allows_loopback(request: pytest.FixtureRequest) -> bool:
    marked = request.node.get_closest_marker("esx_allow_loopback") is not None
    return marked or bool(request.config.getoption("--esx-allow-loopback"))


def _open_cassette(request: pytest.FixtureRequest, path: Path) -> "Cassette":
    mode = _mode_for(request.config, path)
    if mode == "none" and not path.exists():
        how = "--esx-record-mode=once --esx-record-uri=URI"
        pytest.fail(f"no cassette {path}: record it with {how}", pytrace=False)
    if mode == "none":
        return recording.replay(path)
    pseudonyms = request.config.getoption("--esx-pseudonyms")
    connections = request.getfixturevalue("esx_connections")
    cassette = recording.record(path, connections, mode=mode, pseudonyms=pseudonyms)
    if source := request.config.getini("esx_source"):
        cassette.head["source"] = source
    return cassette


def _mode_for(config: pytest.Config, path: Path) -> str:
    """Return the mode: a cassette that several tests share is begun by the first and continued by the others."""
    mode = record_mode(config)
    return "new_episodes" if mode in ("once", "rewrite") and path in config.stash[_WRITTEN] else mode


def _report_use(item: pytest.Item, cassette: "Cassette", *, kept: bool) -> None:
    """Put the use into the test's report, which reaches the summary from a worker process too."""
    counts = {name: getattr(cassette.counts, name) for name in _COUNTS}
    counts[_LOST] = 0 if kept else counts["recorded"]
    counts["recorded"] -= counts[_LOST]
    item.user_properties.append(
        (_PROPERTY, {"path": str(cassette.path), "age": recording.age_days(cassette.head), **counts})
    )


@pytest.hookimpl(tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print how cassettes were used, and which are stale."""
    uses = [
        use
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "teardown"
        for name, use in report.user_properties
        if name == _PROPERTY
    ]
    if uses:
        totals = ", ".join(f"{sum(use[name] for use in uses)} {name}" for name in _COUNTS)
        lost = sum(use[_LOST] for use in uses)
        totals += f", {lost} {_LOST}" if lost else ""
        terminalreporter.write_line(f"esx cassettes: {totals}")
    for line in sorted(set(_stale(uses, config.getoption("--esx-max-age")))):
        terminalreporter.write_line(line, yellow=True)


def _stale(uses: list[dict[str, Any]], limit: int | None) -> Iterator[str]:
    for use in uses if limit is not None else ():
        age = use["age"]
        if age is None or age > limit:
            known = "has no date" if age is None else f"is {age:.0f} days old"
            yield f"stale cassette: {use['path']} {known}; --esx-record-mode=rewrite renews it"
