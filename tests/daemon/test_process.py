"""Every door, as libvirt's own client comes through it, to a recorded host: no network and no Go are needed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import libvirt
import pytest

from esxdriver.daemon import units
from esxdriver.daemon.config import Config

from .certificates import Authority
from .conftest import eventually
from .process import COMMAND, ROOT, VIRSH, Virtesxd, environment, needs_virsh, virsh

pytestmark = needs_virsh

RECORDED = f"esx://root@esx.test/?replay={ROOT}/cassettes/demo.yaml"
LISTED = ["db01", "running", "susp01", "paused"]


def domains(uri, *options, **env):
    out, err, status = virsh(uri, *options, "list", **env)
    assert (err, status) == ("", 0)
    return [word for word in out.split() if not word.isdigit()]


@pytest.fixture
def virtesxd(tmp_path):
    with Virtesxd(tmp_path, "--connect", RECORDED) as running:
        yield running


def test_the_unix_socket(virtesxd):
    assert domains(virtesxd.uri()) == LISTED


def test_the_unix_socket_for_reading(virtesxd):
    assert domains(virtesxd.uri(read_only=True), "--readonly") == LISTED
    with pytest.raises(libvirt.libvirtError) as caught:
        libvirt.open(virtesxd.uri(read_only=True)).lookupByName("db01").destroy()
    assert caught.value.get_error_code() == libvirt.VIR_ERR_OPERATION_DENIED
    assert caught.value.get_error_domain() == libvirt.VIR_FROM_ESX


def test_a_hosts_own_name_finds_it_and_no_other_is_found(virtesxd):
    assert domains(virtesxd.uri("esx.test")) == LISTED
    for path in ("other", "system?host=other", "?name=esx://evil/", "?name=esx%3A%2F%2Froot%40evil%2F%3Fno_verify%3D1"):
        out, err, status = virsh(virtesxd.uri(path), "list")
        assert (out, status) == ("", 1)
        assert "virtesxd has no host 'other'" in err or "not an address" in err


def script(tmp_path, *arguments):
    """Return a command without arguments, which is what libvirt before 12.5 can start."""
    path = tmp_path / "virtesxd-for-ext"
    words = " ".join(f"'{word}'" for word in (*COMMAND, *arguments))
    path.write_text(f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec {words} \"$@\"\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("options", [("--stdio", RECORDED), ("--connect", RECORDED)], ids=["said", "found-out"])
def test_standard_input_and_output(tmp_path, options):
    command = script(tmp_path, *options)
    assert domains(f"esx+ext:///system?command={command}") == LISTED


def test_what_stands_in_the_way_of_a_start_is_part_of_virshs_error(tmp_path):
    _, err, status = virsh(f"esx+ext:///?command={script(tmp_path, '--stdio', 'nowhere')}", "list")
    assert status == 1
    assert "the configuration has no host 'nowhere'" in err


def executable(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_ssh_to_a_gateway(tmp_path, virtesxd):
    """The ssh of this test runs here what it is to run there; the nc is one of the test's own."""
    ssh = executable(tmp_path / "ssh", 'for last; do :; done; eval "$last"')
    nc = executable(tmp_path / "nc", f"exec '{COMMAND[0]}' '{ROOT}/tests/daemon/nc.py' \"$@\"")
    listening = virtesxd.directory / "virtesxd-sock"
    assert domains(f"esx+ssh://me@gateway/system?command={ssh}&proxy=netcat&netcat={nc}&socket={listening}") == LISTED


# Starts a program with the listening sockets of the first two arguments as descriptors 3 and 4, as systemd does.
AS_SYSTEMD = """
import os, sys
for number, listening in enumerate(map(int, sys.argv[1:3])):
    os.dup2(listening, 20 + number)
for number in range(2):
    os.dup2(20 + number, 3 + number)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:b"}
os.execv(sys.argv[3], sys.argv[3:])
"""


@pytest.fixture
def by_systemd(tmp_path):
    """Return the paths of sockets that were open before the daemon was started, and the daemon."""
    paths = [tmp_path / "virtesxd-sock", tmp_path / "virtesxd-sock-ro"]
    listening = [socket.socket(socket.AF_UNIX) for _ in paths]
    for each, path in zip(listening, paths, strict=True):
        each.bind(str(path))
        each.listen()
    numbers = [each.fileno() for each in listening]
    process = subprocess.Popen(
        [COMMAND[0], "-c", AS_SYSTEMD, *map(str, numbers), *COMMAND, "--connect", RECORDED, "--timeout", "5"],
        env=environment(HOME=str(tmp_path)),
        pass_fds=numbers,
        stdin=subprocess.DEVNULL,
    )
    for each in listening:
        each.close()
    yield paths, process
    process.kill()
    process.wait()


def test_systemds_sockets(by_systemd):
    (path, read_only), process = by_systemd
    assert domains(f"esx+unix:///system?socket={path}") == LISTED
    out, err, status = virsh(f"esx+unix:///system?socket={read_only}", "destroy", "db01")
    assert (out, status) == ("", 1)
    assert "read only access prevents virDomainDestroy" in err
    assert process.wait(20) == 0
    assert path.exists(), "it is systemd's"


# Whom libvirt starts session daemons for: anybody but root.
AS_USER = [] if os.geteuid() else ["unshare", "--map-user=1000"]
CAN_BE_USER = (
    shutil.which("unshare") and subprocess.run([*AS_USER, "true"], check=False, capture_output=True).returncode == 0
)


needs_a_user = pytest.mark.skipif(
    not CAN_BE_USER, reason="needs to become a user: unshare --map-user is not allowed here"
)


@needs_a_user
def test_libvirt_starts_the_daemon_of_a_session_itself(tmp_path):
    """$VIRTD_PATH stands for /usr/sbin, a directory; the host is that of the user's own configuration."""
    (tmp_path / "libvirt").mkdir()
    (tmp_path / "libvirt" / "virtesxd.conf").write_text(f'[hosts]\nesx1 = "{RECORDED}"\n')
    own = {name: str(tmp_path) for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME")}
    process_file = tmp_path / "pid"
    script(tmp_path, "--pid-file", process_file).rename(tmp_path / "virtesxd")
    ran = subprocess.run(
        [*AS_USER, VIRSH, "-q", "-c", "esx+unix:///session?mode=direct", "list"],
        check=False, capture_output=True, text=True, timeout=60, env=environment(VIRTD_PATH=str(tmp_path), **own),
    )  # fmt: skip
    assert (ran.stderr, ran.returncode) == ("", 0)
    assert "db01" in ran.stdout
    os.kill(int(process_file.read_text()), signal.SIGTERM)
    eventually(lambda: not (tmp_path / "libvirt" / "virtesxd-sock").exists())


# -- TLS


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def tls(tmp_path):
    """Return what starts a daemon with a TLS port, and gives the URI of a client with a certificate."""
    authority = Authority()
    pki = authority.write(tmp_path / "pki")
    port = free_port()
    settings = f"""
listen_tls = 1
listen_addr = "127.0.0.1"
tls_port = "{port}"
key_file = "{pki}/serverkey.pem"
cert_file = "{pki}/servercert.pem"
ca_file = "{pki}/cacert.pem"
"""
    started = []

    def start(more=""):
        running = Virtesxd(tmp_path, "--connect", RECORDED, config=settings + more)
        started.append(running.__enter__())
        return f"esx+tls://localhost:{port}/system?pkipath={pki}"

    yield start
    for running in started:
        running.__exit__()


def test_tls(tls):
    assert domains(tls()) == LISTED


def test_tls_with_a_list_of_who_may_come(tls):
    assert domains(tls('tls_allowed_dn_list = ["C=GB,CN=client"]\n')) == LISTED


def test_tls_refuses_who_is_not_on_the_list(tls):
    out, _, status = virsh(tls('tls_allowed_dn_list = ["C=GB,CN=somebody"]\n'), "list")
    assert (out, status) == ("", 1)


def test_tls_refuses_a_certificate_of_another_authority(tls, tmp_path):
    uri = tls()
    stranger = Authority().write(tmp_path / "stranger")
    (stranger / "cacert.pem").write_bytes((tmp_path / "pki" / "cacert.pem").read_bytes())
    out, _, status = virsh(uri.replace(f"{tmp_path}/pki", str(stranger)), "list")
    assert (out, status) == ("", 1)
    assert domains(uri) == LISTED


# -- signals and time


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(tmp_path, how):
    running = Virtesxd(tmp_path, "--connect", RECORDED, "--pid-file", str(tmp_path / "pid"))
    running.__enter__()
    conn = libvirt.open(running.uri())
    assert (tmp_path / "pid").read_text() == f"{running.process.pid}\n"
    assert running.end(how) == 0
    assert not list(tmp_path.glob("virtesxd-sock*"))
    assert not (tmp_path / "pid").exists()
    with pytest.raises(libvirt.libvirtError):
        conn.listAllDomains()


def test_a_hangup_reads_the_configuration_again(tmp_path):
    with Virtesxd(tmp_path, config=f'[hosts]\nesx1 = "{RECORDED}"\n') as running:
        assert domains(running.uri("esx1")) == LISTED
        running.file.write_text(running.file.read_text().replace("esx1", "esx2"))
        running.process.send_signal(signal.SIGHUP)
        eventually(lambda: "read again" in running.said())
        assert domains(running.uri("esx2")) == LISTED
        assert virsh(running.uri("esx1"), "list")[2] == 1


def test_a_hangup_with_a_wrong_configuration_changes_nothing(tmp_path):
    with Virtesxd(tmp_path, config=f'[hosts]\nesx1 = "{RECORDED}"\n') as running:
        running.file.write_text("nonsense")
        running.process.send_signal(signal.SIGHUP)
        eventually(lambda: "stays as it was" in running.said())
        assert domains(running.uri("esx1")) == LISTED


def test_it_leaves_when_nobody_has_come_for_a_while(tmp_path):
    running = Virtesxd(tmp_path, "--connect", RECORDED, "--timeout", "1")
    running.__enter__()
    conn = libvirt.open(running.uri())
    time.sleep(1.5)
    assert running.process.poll() is None
    conn.close()
    assert running.process.wait(10) == 0


# -- what a user may do wrong

WRONG = [
    (["--stdio"], "standard input is no socket"),
    (["-f", "/proc/nonexistent"], "/proc/nonexistent: it is not there"),
    (["-c", "qemu:///system"], "cannot connect"),
    (["nowhere"], "the configuration has no host 'nowhere'; it has: none"),
    (["--install-units", "/proc/nonexistent"], "/proc/nonexistent/virtesxd.socket: No such file or directory"),
    (["--print-libvirt-conf"], "no host has a name: give them some in "),
    (["--pid-file", "/proc/nonexistent/pid", "-c", RECORDED], "cannot write /proc/nonexistent/pid"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_a_start_that_cannot_be_says_why(tmp_path, arguments, said):
    env = environment(XDG_CONFIG_HOME=str(tmp_path), XDG_RUNTIME_DIR=str(tmp_path), HOME=str(tmp_path))
    config = [] if "-f" in arguments else ["-f", str(tmp_path / "v.conf")]
    (tmp_path / "v.conf").write_text(f'unix_sock_dir = "{tmp_path}"\n')
    ran = subprocess.run(
        [*COMMAND, *config, *arguments], check=False, capture_output=True, text=True, env=env, timeout=20,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.startswith("virtesxd: ")
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_units_are_written_with_the_programs_place(tmp_path):
    ran = subprocess.run(
        [*COMMAND, "--install-units", str(tmp_path)], check=True, capture_output=True, text=True, env=environment()
    )
    names = ["virtesxd-ro.socket", "virtesxd.service", "virtesxd.socket"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert len(ran.stdout.split()) == 3
    service = (tmp_path / "virtesxd.service").read_text()
    assert "Conflicts" not in service, "it lives beside libvirtd"
    assert f"ExecStart={sys.executable} -m esxdriver.daemon --timeout 120\n" in service


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_has_nothing_to_complain_of(tmp_path):
    subprocess.run([*COMMAND, "--install-units", str(tmp_path)], check=True, capture_output=True, env=environment())
    paths = sorted(map(str, tmp_path.iterdir()))
    ran = subprocess.run(["systemd-analyze", "verify", "--man=no", *paths], check=False, capture_output=True, text=True)
    assert [line for line in ran.stderr.splitlines() if "virtesxd" in line] == []


# Who asks, and the aliases: the daemon of a user is found at the path /session only
ALIASES = [
    (0, "esx+unix:///esx1?mode=direct", "esx+unix:///esx2.example.org?mode=direct"),
    (1000, "esx+unix:///session?host=esx1&mode=direct", "esx+unix:///session?host=esx2.example.org&mode=direct"),
]


@pytest.mark.parametrize(("user", "one", "other"), ALIASES)
def test_aliases_are_written_for_libvirts_clients(monkeypatch, user, one, other):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    hosts = {"esx1": "esx://root@esx1/", "esx2.example.org": "esx://esx2.example.org/"}
    assert units.libvirt_conf(Config(default="esx1", hosts=hosts)) == (
        f'uri_aliases = [\n  "esx1={one}",\n  "esx2-example-org={other}",\n]\nuri_default = "esx1"\n'
    )


@needs_a_user
def test_an_alias_of_libvirt_conf_reaches_its_host(tmp_path, virtesxd):
    (tmp_path / "libvirt").mkdir()
    conf = tmp_path / "libvirt" / "libvirt.conf"
    conf.write_text(
        units.libvirt_conf(Config(hosts={"esx.test": RECORDED})).replace(
            "mode=direct", f"socket={tmp_path}/virtesxd-sock"
        )
    )
    ran = subprocess.run(
        [*AS_USER, VIRSH, "-c", "esx-test", "list"],
        check=False, capture_output=True, text=True, timeout=60, env=environment(XDG_CONFIG_HOME=str(tmp_path)),
    )  # fmt: skip
    assert (ran.stderr, ran.returncode) == ("", 0)
    assert "db01" in ran.stdout
