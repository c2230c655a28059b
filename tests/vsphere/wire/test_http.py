import contextlib
import socket
import ssl
import threading

import pytest
from cryptography.hazmat.primitives import serialization

from esxdriver import uri
from esxdriver.vsphere.wire import http as wire
from esxdriver.vsphere.wire.faults import SettingError, UnreachableError
from tests.vsphere.fakehost import Certificate, FakeHost, serving

BODY = b"<soapenv:Body><CurrentTime/></soapenv:Body>"


@pytest.fixture
def certificate(tmp_path):
    return Certificate(tmp_path)


@pytest.fixture
def host(certificate):
    with serving(FakeHost(certificate.server())) as server:
        yield server


def status(connections):
    """Ask something over a new connection and return the status of the answer."""
    connection = connections()
    with contextlib.closing(connection):
        connection.request("POST", "/sdk", BODY)
        return connection.getresponse().status


def ask(port, *parameters, name="localhost"):
    return status(wire.live(uri.parse(f"esx://{name}:{port}/?{'&'.join(parameters)}")))


def failure(port, *parameters, name="localhost"):
    with pytest.raises(UnreachableError) as caught:
        ask(port, *parameters, name=name)
    return str(caught.value)


def test_a_connection_is_new_and_not_connected(host):
    connections = wire.live(uri.parse(f"esx://localhost:{host.port}/"))
    assert connections() is not connections()
    assert connections().sock is None


def test_an_untrusted_certificate_is_refused_with_its_fingerprint(host, certificate):
    text = failure(host.port)
    assert f"localhost:{host.port}" in text
    assert "self-signed certificate" in text
    assert f"thumbprint={certificate.sha256}" in text
    assert "cacert=" in text
    assert not host.seen


@pytest.mark.parametrize(
    "parameter", ["cacert={pem}", "no_verify=1", "thumbprint={sha}", "thumbprint={sha}&no_verify=1"]
)
def test_what_trusts_it(parameter, host, certificate):
    assert ask(host.port, parameter.format(pem=certificate.pem, sha=certificate.sha256)) == 200


def test_the_host_name_is_checked(host, certificate):
    text = failure(host.port, f"cacert={certificate.pem}", name="127.0.0.1")
    assert "a name that the certificate is for" in text
    assert ask(host.port, f"thumbprint={certificate.sha256}", name="127.0.0.1") == 200


def test_a_wrong_thumbprint_is_refused_whatever_no_verify_says(host, certificate):
    text = failure(host.port, "thumbprint=" + "ab" * 32, "no_verify=1")
    assert "not the one of thumbprint=" in text
    assert "in between" in text
    assert certificate.sha256 in text
    assert not host.seen


def test_a_pin_holds_for_every_later_connection(host, certificate, tmp_path):
    connections = wire.live(uri.parse(f"esx://localhost:{host.port}/?thumbprint={certificate.sha256}"))
    assert status(connections) == 200
    host.tls.load_cert_chain(Certificate(tmp_path).pem)
    with pytest.raises(UnreachableError, match="not the one of thumbprint="):
        status(connections)
    assert len(host.seen) == 1


def test_a_pinned_certificate_may_have_expired(tmp_path):
    expired = Certificate(tmp_path, days=-1)
    with serving(FakeHost(expired.server())) as host:
        assert "renew the host's certificate" in failure(host.port, f"cacert={expired.pem}")
        assert ask(host.port, f"thumbprint={expired.sha256}") == 200


def test_strict_checks_have_their_own_hint(tmp_path, monkeypatch):
    """Python 3.13 is strict by itself; here it is switched on for every Python."""
    authority = Certificate(tmp_path, "authority")
    old = Certificate(tmp_path, issuer=authority, key_identifiers=False)
    lenient = ssl.create_default_context

    def strict(**options):
        context = lenient(**options)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(ssl, "create_default_context", strict)
    with serving(FakeHost(old.server())) as host:
        text = failure(host.port, f"cacert={authority.pem}")
        assert "this Python is strict about old certificates" in text
        assert ask(host.port, f"thumbprint={old.sha256}") == 200


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unusable_cacert(content, host, tmp_path):
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(SettingError, match=f"cacert={path}"):
        ask(host.port, f"cacert={path}")


def test_plain_http_and_tls_do_not_mix():
    with serving(FakeHost()) as host:
        assert ask(host.port, "transport=http") == 200
        assert "transport=http" in failure(host.port)


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert failure(port) == f"localhost:{port}: Connection refused"
    assert f"through the proxy http://localhost:{port}: Connection refused" in failure(1, f"proxy=localhost:{port}")


@pytest.mark.parametrize("name", ["no-such-host.invalid", "x" * 64])
def test_a_name_that_is_none(name):
    assert failure(443, name=name).startswith(f"{name}:443: ")


def test_a_host_that_never_answers(monkeypatch):
    monkeypatch.setattr(wire, "CONNECT_TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "no answer within" in failure(silent.getsockname()[1])


def test_an_answer_may_take_longer_than_connecting(host):
    connection = wire.live(uri.parse(f"esx://localhost:{host.port}/?no_verify=1"))()
    connection.connect()
    assert connection.sock.gettimeout() == uri.ANSWER_TIMEOUT
    connection.close()


def test_a_timeout_of_the_uri_is_for_connecting_and_for_answers(host):
    connection = wire.live(uri.parse(f"esx://localhost:{host.port}/?no_verify=1&timeout=7"))()
    assert connection.timeout == 7
    connection.connect()
    assert connection.sock.gettimeout() == 7
    connection.close()


@contextlib.contextmanager
def proxy(answer=b"HTTP/1.1 200 OK\r\n\r\n"):
    """A proxy for one connection; yields its port and the first line it was asked."""
    asked = []

    def serve():
        near, _ = listening.accept()
        with near:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                more = near.recv(4096)
                assert more, "hung up before it asked"
                head += more
            asked.append(head.split(b"\r\n")[0].decode())
            near.sendall(answer)
            if b" 200 " in answer:
                target = asked[0].split()[1].rpartition(":")
                with socket.create_connection((target[0], int(target[2]))) as far:
                    back = threading.Thread(target=pump, args=(far, near))
                    back.start()
                    pump(near, far)
                    back.join()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)  # whoever is not asked ends too
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], asked
        thread.join()


def pump(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def test_a_proxy_is_asked_to_connect_and_tls_is_checked_through_it(host, certificate):
    with proxy() as (port, asked):
        assert ask(host.port, f"proxy=http://localhost:{port}", f"cacert={certificate.pem}") == 200
    assert asked == [f"CONNECT localhost:{host.port} HTTP/1.1"] or asked[0].startswith(f"CONNECT localhost:{host.port}")


def test_a_proxy_that_refuses(host):
    with proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as (port, _):
        assert "407 Proxy Authentication Required" in failure(host.port, f"proxy=localhost:{port}", "no_verify=1")


@contextlib.contextmanager
def socks(refuses=False):
    """A SOCKS proxy of every version for one connection; yields its port and what it was asked for."""
    asked = []

    def serve():
        near, _ = listening.accept()
        with near:
            read = near.makefile("rb").read1
            version, target = handshake(near, read(1024), read)
            asked.append((version, *target))
            near.sendall(SOCKS_ANSWERS[version, refuses])
            if not refuses:
                with socket.create_connection(("localhost", target[1])) as far:
                    back = threading.Thread(target=pump, args=(far, near))
                    back.start()
                    pump(near, far)
                    back.join()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], asked
        thread.join()


SOCKS_ANSWERS = {
    (4, False): b"\0\x5a" + bytes(6),
    (4, True): b"\0\x5b" + bytes(6),
    (5, False): b"\5\0\0\1" + bytes(6),
    (5, True): b"\5\2\0\1" + bytes(6),
}


def handshake(near, first, read):
    """Return the version, and the host and port that are asked for."""
    if first[0] == 4:
        name = first[8:].split(b"\0")[1].decode() if first[4:7] == bytes(3) else socket.inet_ntoa(first[4:8])
        return 4, (name, int.from_bytes(first[2:4]))
    near.sendall(b"\5\0")
    asked = read(1024)
    family = {1: socket.AF_INET, 4: socket.AF_INET6}[asked[3]]
    return 5, (socket.inet_ntop(family, asked[4:-2]), int.from_bytes(asked[-2:]))


LOOPBACK = {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    ("kind", "version", "names"),
    [("socks", 5, LOOPBACK), ("socks5", 5, LOOPBACK), ("socks4", 4, LOOPBACK), ("socks4a", 4, {"localhost"})],
)
def test_a_socks_proxy_is_gone_through_and_tls_is_checked_behind_it(kind, version, names, host, certificate):
    with socks() as (port, asked):
        assert ask(host.port, f"proxy={kind}://127.0.0.1:{port}", f"cacert={certificate.pem}") == 200
    [(spoken, name, to)] = asked
    assert (spoken, to) == (version, host.port)
    assert name in names, "only socks4a has the proxy look the name up"


def test_a_certificate_is_not_trusted_through_a_socks_proxy_either(host):
    with socks() as (port, _):
        # The fingerprint is asked for over a second connection, which this proxy does not take.
        text = failure(host.port, f"proxy=socks5://127.0.0.1:{port}", "timeout=3")
    assert "its certificate is not trusted" in text


@pytest.mark.parametrize("kind", ["socks4", "socks5"])
def test_a_socks_proxy_that_refuses(kind, host):
    with socks(refuses=True) as (port, _):
        text = failure(host.port, f"proxy={kind}://127.0.0.1:{port}", "no_verify=1")
    assert f"through the proxy {kind}://127.0.0.1:{port}: it refuses (" in text


def test_a_socks_proxy_that_is_not_there():
    assert "Could not connect to proxy" in failure(1, "proxy=socks5://127.0.0.1:1")


def test_a_hosts_own_certificate_is_trusted_as_cacert_even_where_an_authority_signed_it(tmp_path):
    """``certificate --pem`` writes such a file."""
    signed = Certificate(tmp_path, issuer=Certificate(tmp_path, name="authority"))
    alone = tmp_path / "alone.pem"
    alone.write_bytes(signed.made.public_bytes(serialization.Encoding.PEM))
    with serving(FakeHost(signed.server())) as host:
        assert ask(host.port, f"cacert={alone}") == 200
        other = Certificate(tmp_path)
        assert "its certificate is not trusted" in failure(host.port, f"cacert={other.pem}")
