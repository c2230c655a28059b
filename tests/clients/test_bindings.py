"""libvirt's bindings, unmodified: Python's of the system, Perl's, and Go's own implementation of the protocol."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.daemon.process import environment

GO_CLIENT = Path(__file__).parent / "goclient"
GO = shutil.which("go")


def ran(*command, status=0, **options):
    found = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, **options)
    assert found.returncode == status, found.stderr
    return found.stdout


# -- Go


@pytest.fixture(scope="session")
def go_client(tmp_path_factory):
    """Build the client, with go-libvirt from the Go proxy."""
    if GO is None:
        pytest.skip("needs Go")
    program = tmp_path_factory.mktemp("go") / "client"
    built = subprocess.run(
        [GO, "build", "-C", GO_CLIENT, "-o", program, "."], check=False, capture_output=True, text=True
    )
    if built.returncode:
        pytest.skip(f"go-libvirt cannot be built: {built.stderr.splitlines()[-1]}")
    return program


def test_a_go_client_lists_dumps_and_defines(host, go_client):
    """It asks for no feature, and its optionals are present in a way of its own."""
    before = host.sim.inventory()
    host.sim.reset_calls()
    out = ran(go_client, host.uri(), "web01")
    lines = out.splitlines()
    assert lines[:2] == ["type ESX", "domains 5"]
    assert {"db01 1", "web01 5"} <= set(lines)
    assert "snapshot='no' persistent='yes'" in out
    assert lines[-1] == "defined web01"
    assert host.writes() == []
    assert host.sim.inventory() == before


# -- Perl

PERL = shutil.which("perl")
HAS_SYS_VIRT = (
    PERL and subprocess.run([PERL, "-MSys::Virt", "-e", "1"], check=False, capture_output=True).returncode == 0
)

SCRIPT = """
use Sys::Virt;
my $conn = Sys::Virt->new(uri => $ARGV[0]);
print $conn->get_type, "\\n";
for my $domain ($conn->list_all_domains) { print $domain->get_name, " ", ($domain->get_state)[0], "\\n" }
my $domain = $conn->get_domain_by_name("web01");
my $again = $conn->define_domain($domain->get_xml_description);
print $again->get_uuid_string, "\\n";
my $snapshot = $domain->create_snapshot("<domainsnapshot><name>s1</name></domainsnapshot>", 16);
print $snapshot->get_name, "\\n";
eval { $conn->get_domain_by_name("nobody") };
print $@->code, "\\n";
"""


@pytest.mark.skipif(not HAS_SYS_VIRT, reason="needs Sys::Virt: apt install libsys-virt-perl")
def test_a_perl_client(host):
    out = ran(PERL, "-e", SCRIPT, host.uri(), env=environment()).split("\n")
    assert out[0] == "ESX"
    assert {"db01 1", "web01 5"} <= set(out)
    assert out[-4:] == ["97a43ce7-31e1-441d-aa90-5291c6c4de6a", "s1", "42", ""]


# -- Python, in a process of its own: an older binding, and libvirt's event loop of asyncio

PYTHON = shutil.which("python3", path="/usr/bin")
HAS_BINDING = (
    PYTHON and subprocess.run([PYTHON, "-c", "import libvirt"], check=False, capture_output=True).returncode == 0
)

READS = """
import libvirt, sys
conn = libvirt.open(sys.argv[1])
for domain in conn.listAllDomains():
    assert domain.XMLDesc().startswith("<domain")
    assert conn.lookupByUUIDString(domain.UUIDString()).name() == domain.name()
    print(domain.name(), domain.state()[0], domain.info()[1])
for domain, stats in conn.getAllDomainStats():
    print(domain.name(), stats["state.state"])
"""

LISTENS = """
import asyncio, libvirt, libvirtaio, sys
async def main():
    libvirtaio.virEventRegisterAsyncIOImpl()
    conn = libvirt.open(sys.argv[1])
    conn.setKeepAlive(1, 3)
    for event in range(27):
        conn.domainEventRegisterAny(None, event, lambda *_: None, None)
    conn.registerCloseCallback(lambda *_: None, None)
    await asyncio.sleep(2.5)
    print(conn.isAlive(), conn.lookupByName("db01").isActive())
    conn.close()
asyncio.run(main())
"""


@pytest.mark.skipif(not HAS_BINDING, reason="needs Python's binding of the system: apt install python3-libvirt")
def test_the_systems_python(host):
    env = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    out = ran(PYTHON, "-c", READS, host.uri(), env=env).split("\n")
    assert {"db01 1 8388608", "web01 5 2097152", "db01 1", "web01 5"} <= set(out)


def test_an_asyncio_client_waits_for_every_event(host):
    assert ran(sys.executable, "-c", LISTENS, host.uri(), env=environment()) == "1 1\n"


def test_a_client_reads_what_another_has_written(host, tmp_path):
    file = tmp_path / "d.xml"
    file.write_text(host.virsh("dumpxml", "web01").replace(">front end<", ">größe<"))
    host.virsh("define", str(file))
    script = textwrap.dedent("""
        import libvirt, sys
        domain = libvirt.open(sys.argv[1]).lookupByName("web01")
        print("größe" in domain.XMLDesc())
    """)
    assert ran(sys.executable, "-c", script, host.uri(), env=environment()) == "True\n"


@pytest.mark.skipif(
    "LIBVIRT_PYTHON_TESTS" not in os.environ, reason="needs the tests of libvirt-python's sdist: tox run -e clients"
)
def test_libvirt_pythons_own_tests_do_what_they_do_locally():
    """With libvirt's test driver behind the daemon; see tests/clients/libvirt_python.py."""
    ran(sys.executable, "-m", "tests.clients.libvirt_python", os.environ["LIBVIRT_PYTHON_TESTS"], env={**os.environ})
