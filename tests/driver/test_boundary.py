"""Nothing but a libvirtError leaves the driver, whatever a host answers."""

import inspect

import libvirt
import pytest
from pyVmomi import vim

import esxdriver
from esxdriver import outcome
from esxdriver.driver import arguments
from esxdriver.driver.boundary import bounded
from esxdriver.errors import MALFORMED, error
from esxdriver.vsphere.wire.faults import UnreachableError


@bounded
class Driver:
    def raises(self, raised):
        raise raised

    def change(self, raised):
        outcome.sent("PowerOnVM_Task on VirtualMachine vm-1").under_way("task-7")
        raise raised

    def items(self, raised):
        yield 1
        raise raised

    def _private(self, raised):
        raise raised


def leaving(method, *arguments):
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - which one it is, is the question
        method(*arguments)
    return caught.value


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_mistake_is_an_internal_error(kind):
    assert leaving(Driver().raises, kind("x")).get_error_code() == libvirt.VIR_ERR_INTERNAL_ERROR


@pytest.mark.parametrize("kind", MALFORMED)
def test_so_it_is_while_items_are_fetched(kind):
    assert leaving(list, Driver().items(kind("x"))).get_error_code() == libvirt.VIR_ERR_INTERNAL_ERROR


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (UnreachableError("x"), libvirt.VIR_ERR_NO_CONNECT),
        (vim.fault.NoPermission(), libvirt.VIR_ERR_ACCESS_DENIED),
        (error(libvirt.VIR_ERR_XML_ERROR, "x"), libvirt.VIR_ERR_XML_ERROR),
    ],
)
def test_what_nobody_has_translated_is_translated(raised, code):
    assert leaving(Driver().raises, raised).get_error_code() == code


@pytest.mark.parametrize(
    "raised", [KeyboardInterrupt(), SystemExit(1), RuntimeError("a callback's own"), OSError(5, "x")]
)
def test_what_is_no_mistake_passes(raised):
    assert leaving(Driver().raises, raised) is raised


def test_arguments_that_do_not_fit_are_the_callers_mistake():
    assert isinstance(leaving(Driver().raises), TypeError)


def test_what_is_private_is_left_alone():
    assert isinstance(leaving(Driver()._private, TypeError()), TypeError)


@pytest.mark.parametrize("raised", [TypeError("x"), error(libvirt.VIR_ERR_RPC, "x")])
def test_an_error_tells_of_the_change_that_was_sent(raised):
    assert "was under way (task task-7): whether it was done is unknown" in str(leaving(Driver().change, raised))


def test_an_interruption_tells_of_it_in_a_note():
    [note] = leaving(Driver().change, KeyboardInterrupt()).__notes__
    assert "task-7" in note


CLASSES = [getattr(esxdriver, name) for name in esxdriver._CLASSES.values()]


def methods_of(cls):
    """Return the public methods of a class, by name."""
    return {name: method for name, method in inspect.getmembers(cls, inspect.isfunction) if not name.startswith("_")}


# A stream's methods that call a handler have none: what that raises leaves them as it is.
@pytest.mark.parametrize("cls", [each for each in CLASSES if each is not esxdriver.Stream])
def test_every_public_method_of_the_driver_has_the_boundary(cls):
    methods = methods_of(cls)
    assert len(methods) > 5
    assert [name for name, method in methods.items() if not hasattr(method, "__wrapped__")] == []


def refusing_their_default(method):
    """Name the arguments of a method that may not be given what they are when they are left out."""
    defaults = {each.name: each.default for each in inspect.signature(method).parameters.values()}
    kinds = arguments.kinds(inspect.unwrap(method))
    return [name for name, kind in kinds.items() if kind and defaults[name] is None and not kind.takes(None)]


@pytest.mark.parametrize("cls", CLASSES)
def test_an_argument_that_is_none_when_left_out_may_be_given_as_none(cls):
    refusing = {name: refusing_their_default(method) for name, method in methods_of(cls).items()}
    assert {name: names for name, names in refusing.items() if names} == {}
