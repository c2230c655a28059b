"""Recording a host that is really there (esxsim), with a password that every escaping mangles."""

import queue
import re

import libvirt
import pytest

from esxdriver import recording
from esxdriver.recording.cassette import files
from tests.conftest import password_auth, sim_uri
from tests.recording.fakehost import PASSWORD
from tests.recording.scrub.test_scan import FORMS
from tests.sim import Sim

pytestmark = pytest.mark.live


@pytest.fixture(scope="module", params=["esx", "vpx"])
def host(request):
    with Sim.start(request.param, password=PASSWORD) as sim:
        yield sim


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lab.yaml"


def dumps(connection):
    return {domain.name(): domain.XMLDesc() for domain in connection.listAllDomains()}


def record(path, host, **options):
    uri = sim_uri(host)
    with recording.record(path, recording.live(uri), **options) as cassette:
        connection = recording.connect(uri, cassette, auth=password_auth(PASSWORD))
        found = dumps(connection)
        connection.close()
    return found


def replay(path, uri):
    cassette = recording.replay(path)
    with recording.no_network(), recording.connect(uri, cassette) as connection:
        return dumps(connection)


def any_host(host):
    return re.sub(r"://[^/]*/", "://any.host.example/", sim_uri(host)).partition("?")[0]


def test_the_password_is_in_the_file_in_no_form(path, host):
    record(path, host)
    text = path.read_text()
    keys = [session["key"] for session in host.sessions()]
    assert "S3cret" not in text
    assert [form for form in (*FORMS.values(), *keys) if form in text] == []
    assert recording.check(path, secrets=[PASSWORD, *keys]) == []


def test_a_replay_gives_what_the_host_gave_under_any_name(path, host):
    assert record(path, host) == replay(path, any_host(host))


def test_scrubbing_again_changes_nothing(path, host):
    record(path, host)
    before = path.read_bytes()
    assert recording.scrub_file(path) == 0
    assert path.read_bytes() == before


def test_pseudonyms_hide_the_names_and_still_replay(path, host):
    names = set(record(path, host, pseudonyms=True))
    replayed = replay(path, any_host(host))
    assert len(replayed) == len(names)
    assert not names & set(replayed)
    text = path.read_text()
    assert [name for name in names if name in text] == []
    assert recording.scrub_file(path) == 0


def test_a_define_replays(path, host):
    uri = sim_uri(host)
    host.restore()

    def session(connection):
        domain = connection.lookupByName("web01")
        connection.defineXML(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE).replace(">front end<", ">changed<"))
        return domain.XMLDesc()

    cassette = recording.record(path, recording.live(uri))
    with cassette, recording.connect(uri, cassette, auth=password_auth(PASSWORD)) as connection:
        recorded = session(connection)
    with recording.no_network(), recording.connect(any_host(host), cassette := recording.replay(path)) as connection:
        assert session(connection) == recorded
    assert "changed" in recorded
    assert cassette.counts.unused == 0


def events_of_a_life(connection):
    """Start and destroy a domain, and return what is reported of it, in order."""
    heard, found = queue.Queue(), []
    connection.domainEventRegisterAny(None, 0, lambda _, domain, *what: heard.put((domain.name(), *what)), None)
    domain = connection.lookupByName("web01")
    for act in (domain.create, domain.destroy):
        act()
        found.append(heard.get(timeout=20))
    return found


def test_events_replay(path, host):
    """The waits for updates are recorded, and each update comes after the change that made it."""
    uri = sim_uri(host)
    host.restore()
    with (
        recording.record(path, recording.live(uri)) as cassette,
        recording.connect(uri, cassette, auth=password_auth(PASSWORD)) as connection,
    ):
        recorded = events_of_a_life(connection)
    assert recorded == [("web01", 2, 0, None), ("web01", 5, 1, None)]
    with recording.no_network(), recording.connect(any_host(host), recording.replay(path)) as connection:
        assert events_of_a_life(connection) == recorded


@pytest.mark.parametrize("swapped", [False, True], ids=["as recorded", "begun the other way round"])
def test_events_of_several_kinds_replay(path, swapped):
    """Each kind has a watch of its own: a replay gives none of them what another one waits for."""
    with Sim.start("esx") as host:
        uri = sim_uri(host)
        with (
            recording.record(path, recording.live(uri)) as cassette,
            recording.connect(uri, cassette, auth=password_auth(host.password)) as connection,
        ):
            recorded = events_of_both(connection)
        with recording.no_network(), recording.connect(any_host(host), recording.replay(path)) as connection:
            assert events_of_both(connection, swapped=swapped) == recorded
    assert recorded == [("web01", 2, 0), ("lab", 0, 0)]


def events_of_both(connection, *, swapped=False):
    """Start a domain and define a network, and return what is reported of each."""
    heard = {"domain": queue.Queue(), "network": queue.Queue()}
    register = {"domain": connection.domainEventRegisterAny, "network": connection.networkEventRegisterAny}
    for kind in reversed(register) if swapped else register:
        register[kind](None, 0, lambda _, of, *what, to=heard[kind]: to.put((of.name(), *what[:2])), None)
    connection.lookupByName("web01").create()
    connection.networkDefineXML("<network><name>lab</name></network>")
    return [heard[kind].get(timeout=20) for kind in register]


def test_the_head_names_the_host(path, host):
    record(path, host)
    head = files.load(path).head
    assert head["host"]["apiType"] == {"esx": "HostAgent", "vpx": "VirtualCenter"}[host.model]
    assert head["uri"] == {"esx": "esx://host/", "vpx": "vpx://host/Lab/DC%201"}[host.model]
    assert recording.recorded_uri(path) == head["uri"]
