import socket
import ssl

import pytest

from esxdriver import recording


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def test_no_connection_is_made_not_even_to_this_machine(listener):
    with recording.no_network(), pytest.raises(recording.NetworkBlockedError, match=listener[0]):
        socket.create_connection(listener, timeout=5)
    socket.create_connection(listener, timeout=5).close()


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_every_way_out_is_closed(method, family):
    with recording.no_network(), socket.socket(family) as way, pytest.raises(recording.NetworkBlockedError):
        getattr(way, method)(("localhost", 1))


def test_no_packet_is_sent():
    blocked = pytest.raises(recording.NetworkBlockedError)
    with recording.no_network(), socket.socket(type=socket.SOCK_DGRAM) as way, blocked:
        way.sendto(b"x", ("127.0.0.1", 9))


def test_tls_is_closed_too(listener):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blocked = pytest.raises(recording.NetworkBlockedError)
    with recording.no_network(), context.wrap_socket(socket.socket(), server_hostname="x") as way, blocked:
        way.connect(listener)


def test_no_name_is_looked_up():
    with recording.no_network(), pytest.raises(recording.NetworkBlockedError, match="esx1"):
        socket.getaddrinfo("esx1", 443)


def test_unix_sockets_stay_open():
    with recording.no_network():
        one, other = socket.socketpair()
        one.sendall(b"x")
        assert other.recv(1) == b"x"
        one.close()
        other.close()


def test_everything_is_as_before_afterwards(listener):
    before = socket.getaddrinfo, socket.socket.connect, socket.socket.sendto
    with pytest.raises(KeyError), recording.no_network():
        raise KeyError
    assert (socket.getaddrinfo, socket.socket.connect, socket.socket.sendto) == before
    assert "connect" not in vars(socket.socket)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_loopback_may_be_let_through(listener, host):
    with recording.no_network(loopback=True):
        socket.create_connection((host, listener[1]), timeout=5).close()


@pytest.mark.parametrize("host", ["192.0.2.1", "esx1", "", "127.0.0.1.example", "2001:db8::1"])
def test_nothing_else_is_let_through_with_it(host):
    with recording.no_network(loopback=True), pytest.raises(recording.NetworkBlockedError):
        socket.create_connection((host, 443), timeout=5)
