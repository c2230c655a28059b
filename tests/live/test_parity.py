"""Parity: what libvirt's own ESX driver answers is answered here, in the same shape or with the same code."""

import contextlib
import shlex

import libvirt
import pytest
from click.testing import CliRunner

import esxdriver
from esxdriver.cli import cli
from tests import parity
from tests.conftest import password_auth, sim_uri
from tests.parity import CHANGES, COMMANDS, CONNECTION, DOMAIN, OTHERS, Code

pytestmark = pytest.mark.live


def opened(sim):
    return esxdriver.openAuth(sim_uri(sim), password_auth(sim.password))


@pytest.fixture(scope="module")
def conn(_sims):
    sim = _sims("esx")
    sim.restore()
    with opened(sim) as made:
        yield made


def require_shape(found, shape):
    if isinstance(shape, list) and shape and isinstance(shape[0], type):
        assert [type(each) for each in found] == shape
    elif isinstance(shape, type):
        assert isinstance(found, shape)
    else:
        assert found == shape
        assert type(found) is type(shape)


def require(row, conn):
    if not isinstance(row.shape, Code):
        require_shape(row.call(conn), row.shape)
        return
    with pytest.raises(libvirt.libvirtError) as caught:
        row.call(conn)
    assert caught.value.get_error_code() == row.shape.code, caught.value


READS = [*CONNECTION, *DOMAIN, *OTHERS]


@pytest.mark.parametrize("row", READS, ids=[row.name for row in READS])
def test_it_reads_what_libvirts_driver_reads(conn, row):
    require(row, conn)


@pytest.mark.parametrize("row", CHANGES, ids=[row.name for row in CHANGES])
def test_it_changes_what_libvirts_driver_changes(sim, row):
    with opened(sim) as conn:
        require(row, conn)


@pytest.fixture(scope="module")
def given(_sims, tmp_path_factory):
    """What commands are given: files, and names that the host makes."""
    directory = tmp_path_factory.mktemp("parity")
    texts = {"new": parity.NEW, "vmx": parity.VMX, "network": parity.NETWORK, "volume": parity.DISK.format("one")}
    for name, text in texts.items():
        (directory / name).write_text(text)
    sim = _sims("esx")
    sim.restore()
    with opened(sim) as conn:
        known = {"mac": conn.interfaceLookupByName("vmnic0").MACString(), "disk": parity.VOLUME, "uri": sim_uri(sim),
                 "net": parity.switch(conn).UUIDString(), "pool": parity.pool(conn).UUIDString()}  # fmt: skip
    return known | {name: directory / name for name in (*texts, "png")}


@pytest.mark.parametrize(("line", "shown"), COMMANDS, ids=[line.split()[0] for line, _ in COMMANDS])
def test_a_command_answers_as_virsh_does_with_libvirts_driver(sim, given, monkeypatch, line, shown):
    for name, value in (("URL", f"{sim.host}:{sim.port}"), ("USERNAME", sim.user), ("PASSWORD", sim.password)):
        monkeypatch.setenv(f"GOVC_{name}", value)
    result = CliRunner().invoke(cli, ["-c", sim_uri(sim), *shlex.split(line.format(**given))])
    with contextlib.suppress(FileNotFoundError):
        given["png"].unlink()
    if isinstance(shown, int):
        assert result.exit_code == shown, result.output
        assert result.stderr.startswith("error: ")
    else:
        assert result.exit_code == 0, result.output
        assert shown in result.stdout


def test_each_row_is_of_a_method_that_libvirt_python_has():
    for rows, owner in ((CONNECTION, "Connect"), (DOMAIN, "Domain"), (OTHERS, ""), (CHANGES, "Connect")):
        for row in rows:
            kind, _, method = row.name.rpartition(".")
            assert callable(getattr(getattr(libvirt, f"vir{kind or owner}"), method)), row.name


def test_there_are_as_many_as_libvirts_driver_has():
    assert len({line.split()[0] for line, _ in COMMANDS}) >= 76
    assert len({row.name for row in (*READS, *CHANGES)}) >= 120
