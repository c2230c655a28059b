"""The daemon's life before a host: its end under load, a vCenter, and what reaches a host at all."""

import re
import signal
import subprocess
import threading

import libvirt
import pytest

from tests.daemon.conftest import eventually
from tests.daemon.process import VIRSH, Virtesxd, environment, needs_virsh, virsh
from tests.sim import Sim

from .conftest import address, credentials

pytestmark = needs_virsh

# What a client is told whose daemon ends: of a call that waited, and of one that was sent when it was too late.
ENDED = re.compile("the daemon is ending|end of file|closed|Connection reset", re.IGNORECASE)


def test_the_end_lets_a_define_finish_and_logs_out(host, tmp_path):
    file = tmp_path / "d.xml"
    file.write_text(host.virsh("dumpxml", "web01").replace(">front end<", ">changed<"))
    with Virtesxd(tmp_path, "--connect", address(host.sim), env=credentials(host.sim)) as daemon:
        host.sim.reset_calls()
        host.sim.fault("ReconfigVM_Task", "slow", seconds=2, execute=True)
        client = subprocess.Popen(
            [VIRSH, "-q", "-c", daemon.uri(), "define", str(file)], env=environment(), stderr=subprocess.PIPE, text=True
        )
        eventually(lambda: "ReconfigVM_Task" in host.sim.calls(), seconds=20)
        daemon.process.send_signal(signal.SIGTERM)
        client.communicate(timeout=30)
        # It has its answer; when it takes its leave, the daemon may have gone.
        assert client.returncode in (0, -signal.SIGPIPE)
        assert daemon.process.wait(20) == 0
    assert "changed" in host.virsh("dumpxml", "web01")
    assert "Logout" in host.sim.calls()


def test_the_end_under_load_is_in_order(host, tmp_path):
    """Every call that was made is answered or refused, and nobody hangs."""
    outcomes = []
    with Virtesxd(tmp_path, "--connect", address(host.sim), env=credentials(host.sim)) as daemon:
        conns = [libvirt.open(daemon.uri()) for _ in range(4)]

        def ask(conn):
            try:
                while True:
                    conn.lookupByName("db01").XMLDesc()
                    outcomes.append("done")
            except libvirt.libvirtError as error:
                outcomes.append(str(error))

        threads = [threading.Thread(target=ask, args=(conn,)) for conn in conns]
        for each in threads:
            each.start()
        eventually(lambda: outcomes.count("done") > 20, seconds=20)
        daemon.process.send_signal(signal.SIGTERM)
        for each in threads:
            each.join(20)
            assert not each.is_alive()
        assert daemon.process.wait(20) == 0
        assert "Traceback" not in daemon.said()
    ends = [each for each in outcomes if each != "done"]
    assert len(ends) == 4
    # Who sends in the very moment in which it ends has a connection that is gone.
    said = ("the daemon is ending", "end of file", "closed", "connection reset", "broken pipe")
    assert all(any(words in each.lower() for words in said) for each in ends), ends


# What a client may send in the place of a host's name
ADDRESSES = [
    "?name=esx://evil/",
    "?name=esx%3A%2F%2Froot%40evil%2F%3Fno_verify%3D1",
    "evil",
    "system?host=evil",
    "?name=test%3A///default",
]


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_client_that_names_another_host_reaches_none(host, path):
    host.virsh("list")
    host.sim.reset_calls()
    _, _, status = virsh(host.uri(path), "list")
    assert status == 1
    assert host.asked() == []


def test_a_write_of_a_read_only_client_reaches_no_host(host):
    """The library checks too; this client does not use it."""
    from tests.daemon.conftest import RawClient  # noqa: PLC0415

    host.virsh("list")
    with RawClient(host.daemon.directory / "virtesxd-sock-ro") as client:
        (domain, *_), _ = client.call("connect_list_all_domains", 1, 0)
        host.sim.reset_calls()
        for name, arguments in (
            ("domain_destroy", (domain,)),
            ("domain_define_xml", ("<domain/>",)),
            ("domain_undefine_flags", (domain, 0)),
            ("domain_snapshot_create_xml", (domain, "<domainsnapshot/>", 0)),
            ("domain_get_xml_desc", (domain, libvirt.VIR_DOMAIN_XML_SECURE)),
        ):
            assert client.call(name, *arguments)[0] == libvirt.VIR_ERR_OPERATION_DENIED
    assert host.asked() == []


def test_what_needs_no_host_asks_none(host):
    conn = libvirt.open(host.uri())
    domain = conn.lookupByName("db01")
    host.sim.reset_calls()
    assert conn.getType() == "ESX"
    assert domain.OSType() == "hvm"
    with pytest.raises(libvirt.libvirtError) as caught:
        conn.lookupByName("db01").openConsole(None, conn.newStream(), 0)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT
    assert [call for call in host.asked() if call != "RetrievePropertiesEx"] == []
    conn.close()


def test_a_vcenter_and_a_part_of_it(tmp_path):
    with Sim.start("vpx") as sim:
        whole = f"vpx://{sim.user}@{sim.host}:{sim.port}/Lab/DC%201?cacert={sim.cacert()}"
        config = f'default = "lab"\n[hosts]\nlab = "{whole}"\n'
        with Virtesxd(tmp_path, config=config, env=credentials(sim)) as daemon:
            every = names(daemon.uri())
            cluster = names(daemon.uri("lab/cluster1"))
            one_host = names(daemon.uri("lab/cluster1/esx1.example.test"))
            assert one_host < cluster < every
            _, err, status = virsh(daemon.uri("lab/nowhere"), "list")
            assert status == 1
            assert "nowhere" in err


def names(uri):
    out, err, status = virsh(uri, "list", "--all", "--name")
    assert (err, status) == ("", 0)
    return set(out.split())
