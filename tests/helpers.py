"""What many tests say in the same words."""

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
