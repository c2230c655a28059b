"""What many tests say in the same words."""

import functools
import threading

import libvirt
import pytest


def failing(code, ask, *arguments):
    """Return the text of the error with ``code`` that a call ends in."""
    with pytest.raises(libvirt.libvirtError) as caught:
        ask(*arguments)
    assert caught.value.get_error_code() == code, str(caught.value)
    assert caught.value.get_error_domain() == libvirt.VIR_FROM_ESX
    assert caught.value.get_error_level() == libvirt.VIR_ERR_ERROR
    return str(caught.value)


@functools.cache
def run_libvirts_loop():
    """Run libvirt's own event loop from now on: where it is registered and stands still, nobody's events come."""
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=_run, name="libvirt's loop", daemon=True).start()


def _run():
    while True:
        libvirt.virEventRunDefaultImpl()
