"""libvirt-python's own examples, of its source distribution: each does what it says, or says why it cannot on ESX."""

from urllib.parse import urlsplit

import pytest

from tests.dropin.conftest import DEBIAN, SITE, needs
from tests.parity import NEW

EXAMPLES = SITE / "examples"

pytestmark = needs(EXAMPLES, "the examples of libvirt-python's source")
needs_libxml2 = needs(f"{DEBIAN}/libxml2.py", "Debian's package python3-libxml2")


@pytest.fixture
def example(program, tmp_path):
    (tmp_path / "new.xml").write_text(NEW)

    def run(name, *words, status=0):
        given = [word.format(dir=tmp_path, uri=program.uri, host=urlsplit(program.uri).netloc) for word in words]
        return program(str(EXAMPLES / name), *given, status=status)

    return run


SHOWS = [
    (["topology.py"], ["NUMA nodes: 1", "Sockets: 2", "Cores: 16", "Threads: 32"]),
    (["domipaddrs.py", "{uri}", "db01"], ["Interface", "MAC address"]),
    (["domipaddrs.py", "{uri}", "nobody"], ["Domain nobody not found"]),
    (["dhcpleases.py", "{uri}", "vSwitch0"], ["Failed to get leases for vSwitch0"]),  # a switch gives none
]
SHOWS_BY_LIBXML2 = [
    (["dominfo.py", "web01"], ["State:     5", "VCPUs:     2", "Source:    [datastore1] web01/web01.vmdk", "sdc"]),
    (["dominfo.py", "nobody"], ["Domain nobody is not running"]),
    (["domstart.py", "{dir}/new.xml"], ["Starting domain new01 ...", "done"]),
    (["esxlist.py", "{host}"], ["Domain db01", "State:     running", "Source:    [datastore1] db01/db01.vmdk"]),
]


@pytest.mark.parametrize(("words", "shown"), SHOWS, ids=[" ".join(words) for words, _ in SHOWS])
def test_an_example_shows(example, words, shown):
    out = example(*words)
    assert [each for each in shown if each not in out] == [], out


@needs_libxml2
@pytest.mark.parametrize(("words", "shown"), SHOWS_BY_LIBXML2, ids=[" ".join(words) for words, _ in SHOWS_BY_LIBXML2])
def test_an_example_that_reads_documents_shows(example, words, shown):
    out = example(*words)
    assert [each for each in shown if each not in out] == [], out


def test_an_example_that_saves_to_a_file_of_the_clients_ends_with_libvirts_error(example):
    out = example("domsave.py", "{dir}", status=1)
    assert "this function is not supported by the connection driver: virDomainSave" in out


# Of the others, consolecallback and guest-vcpus need a serial console and QEMU's agent, domrestore what domsave wrote,
# nodestats the NUMA policy of each domain, and sparsestream a volume with holes: ESX has none of these. event-test runs
# as tests/live/test_every_event.py does.
