"""Messages: how a stream of bytes falls into them, and what an error becomes."""

import struct

import libvirt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esxdriver import errors
from esxdriver.rpc import messages, protocol
from esxdriver.rpc.messages import Header, ProtocolError, Splitter, Status, Type

CALL = Header(protocol.PROGRAM, 1, 273, Type.CALL, 7, Status.OK)

HEADERS = st.builds(
    Header,
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(-(2**31), 2**31 - 1),
)


def test_a_message_is_its_length_its_header_and_its_body():
    assert messages.message(CALL, b"body").hex() == (
        "00000020200080860000000100000111000000000000000700000000" + b"body".hex()
    )


@given(st.lists(st.tuples(HEADERS, st.binary(max_size=50)), max_size=5), st.integers(1, 64))
def test_messages_come_out_as_they_went_in_however_they_are_cut(sent, size):
    data = b"".join(messages.message(*each) for each in sent)
    splitter = Splitter()
    received = [each for at in range(0, len(data), size) for each in splitter.feed(data[at : at + size])]
    assert received == sent
    assert len(splitter) == 0


@pytest.mark.parametrize("length", [0, 4, 27, 65537, 33554437, 2**32 - 1])
def test_a_length_that_cannot_be_ends_the_connection(length):
    with pytest.raises(ProtocolError):
        list(Splitter(65536).feed(struct.pack(">I", length)))


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_the_end(data):
    splitter = Splitter(1000)
    try:
        for header, body in splitter.feed(data):
            assert len(messages.message(header, body)) <= len(data)
    except ProtocolError:
        pass


def test_a_reply_and_a_streams_packet_repeat_the_call():
    assert CALL.reply(Status.ERROR) == (protocol.PROGRAM, 1, 273, Type.REPLY, 7, Status.ERROR)
    assert CALL.stream(Status.CONTINUE) == (protocol.PROGRAM, 1, 273, Type.STREAM, 7, Status.CONTINUE)


def carried(error):
    return messages.parse(protocol.structure("error"), messages.error_body(error))


def test_an_error_carries_all_that_the_driver_raised():
    raised = errors.error(libvirt.VIR_ERR_NO_DOMAIN, "no domain with matching name 'x'")
    assert carried(raised) == (
        libvirt.VIR_ERR_NO_DOMAIN,
        libvirt.VIR_FROM_ESX,
        "Domain not found: no domain with matching name 'x'",
        libvirt.VIR_ERR_ERROR,
        None,
        "no domain with matching name 'x'",
        None,
        None,
        -1,
        -1,
        None,
    )


@pytest.mark.parametrize("code", [61, 62, 63])
def test_codes_that_clients_mistake_come_from_network_filters(code):
    raised = libvirt.libvirtError("x")
    raised.err = (code, libvirt.VIR_FROM_ESX, "x", 2, None, None, None, 0, 0)
    assert carried(raised).domain == libvirt.VIR_FROM_NWFILTER


def test_an_error_without_libvirts_fields_is_an_internal_one():
    raised = libvirt.libvirtError("x")
    raised.err = None
    assert carried(raised)[:3] == (libvirt.VIR_ERR_INTERNAL_ERROR, libvirt.VIR_FROM_ESX, "x")


@pytest.mark.parametrize("text", ["a\0b", "x" * 5000000, "\udcff"])
def test_no_text_of_an_error_spoils_its_message(text):
    assert carried(errors.error(libvirt.VIR_ERR_OPERATION_FAILED, text)).code == libvirt.VIR_ERR_OPERATION_FAILED
