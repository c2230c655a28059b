"""The module in libvirt-python's place: every name, every method with its signature, refusals as libvirt's."""

import inspect
import subprocess
import sys
from unittest.mock import MagicMock

import libvirt
import pytest

import esxdriver
from esxdriver.driver.unsupported import _EMPTY
from tests.helpers import failing

PUBLIC = [name for name in dir(libvirt) if not name.startswith("_")]
CLASSES = [name for name in PUBLIC if name.startswith("vir") and inspect.isclass(getattr(libvirt, name))]
OWN = {
    "virConnect": esxdriver.Connect, "virDomain": esxdriver.Domain, "virDomainSnapshot": esxdriver.DomainSnapshot,
    "virInterface": esxdriver.Interface, "virNetwork": esxdriver.Network,
    "virNodeDevice": esxdriver.NodeDevice, "virStoragePool": esxdriver.StoragePool,
    "virStorageVol": esxdriver.StorageVol, "virStream": esxdriver.Stream,
}  # fmt: skip
METHODS = [
    (name, method)
    for name in CLASSES
    for method, real in vars(getattr(libvirt, name)).items()
    if inspect.isfunction(real) and not method.startswith("_")
]


def test_every_public_name_of_libvirt_python_is_there():
    assert [name for name in PUBLIC if not hasattr(esxdriver, name)] == []
    assert set(PUBLIC) <= set(dir(esxdriver))


def test_what_is_no_class_and_opens_nothing_is_libvirt_pythons_own():
    opening = {"open", "openAuth", "openReadOnly"}
    others = [name for name in PUBLIC if name not in OWN and name not in opening]
    assert [name for name in others if getattr(esxdriver, name) is not getattr(libvirt, name)] == []


def test_the_functions_that_open_take_what_libvirts_take():
    for name in ("open", "openAuth", "openReadOnly"):
        assert parameters(getattr(esxdriver, name)) == parameters(getattr(libvirt, name))


def parameters(function):
    """Return the parameters but for those by keyword alone, which are this driver's extensions."""
    given = inspect.signature(function).parameters.values()
    return [(each.name, each.default, each.kind) for each in given if each.kind is not each.KEYWORD_ONLY]


@pytest.mark.parametrize("name", CLASSES)
def test_every_method_of_every_class_has_libvirt_pythons_signature(name):
    here, there = getattr(esxdriver, name), getattr(libvirt, name)
    methods = [method for of, method in METHODS if of == name]
    assert [method for method in methods if not hasattr(here, method)] == []
    differing = [each for each in methods if parameters(getattr(here, each)) != parameters(getattr(there, each))]
    assert [each for each in differing if (name, each) not in SOFTER] == []


# Methods that take more than libvirt-python's, and why.
SOFTER = {("virConnect", "getMaxVcpus"): "the type may be left out: ESX has one"}


def unsupported(name):
    return [each for of, each in METHODS if of == name and getattr(getattr(OWN[name], each), "unsupported", False)]


@pytest.mark.parametrize("name", OWN)
def test_what_the_driver_has_no_answer_for_is_refused_in_libvirts_words(name):
    for each in unsupported(name):
        method = getattr(OWN[name], each)
        arguments = [None for one in inspect.signature(method).parameters.values() if one.default is one.empty]
        text = failing(libvirt.VIR_ERR_NO_SUPPORT, method, *arguments)
        function = text.removeprefix("this function is not supported by the connection driver: ")
        assert function.startswith("vir"), text
        assert "." not in function, f"{each} calls nothing of libvirt's: give it a body"


def test_a_refusal_names_the_function():
    assert failing(libvirt.VIR_ERR_NO_SUPPORT, esxdriver.Domain.injectNMI, None).endswith(": virDomainInjectNMI")
    with pytest.raises(TypeError):
        esxdriver.Domain.injectNMI(None, 1, 2)


def test_what_is_empty_by_nature_is_empty():
    for _, each in [(of, each) for of, each in METHODS if of in OWN and each in _EMPTY]:
        of = next(OWN[name] for name in OWN if hasattr(getattr(libvirt, name), each))
        method = getattr(of, each)
        arguments = [None for one in inspect.signature(method).parameters.values() if one.default is one.empty]
        assert not method(*arguments), each


@pytest.mark.parametrize("first", ["import esxdriver", "import sys, libvirt, esxdriver"])
def test_it_can_stand_in_libvirt_pythons_place(first):
    program = f"""
{first}
import sys
sys.modules["libvirt"] = esxdriver
import libvirt
from libvirt import *
assert libvirt is esxdriver and VIR_DOMAIN_RUNNING == 1
try:
    libvirt.open("esx://nobody@127.0.0.1:1/?no_verify=1")
except libvirt.libvirtError as refused:
    assert refused.get_error_code() in (libvirt.VIR_ERR_AUTH_FAILED, libvirt.VIR_ERR_NO_CONNECT), refused
assert issubclass(libvirt.virConnect, esxdriver.Connect)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_nothing_is_imported_that_nobody_asks_for():
    program = (
        "import sys, esxdriver; esxdriver.__version__; sys.exit('libvirt' in sys.modules or 'pyVmomi' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


# -- arguments of the wrong type, beside libvirt-python on libvirt's own test driver


@pytest.fixture(scope="module")
def theirs():
    libvirt.registerErrorHandler(lambda *_: None, None)
    with libvirt.open("test:///default") as conn:
        yield {
            "virConnect": conn, "virDomain": conn.lookupByName("test"),
            "virStoragePool": conn.storagePoolLookupByName("default-pool"),
            "virNetwork": conn.networkLookupByName("default"), "virInterface": conn.interfaceLookupByName("eth1"),
            "virNodeDevice": conn.nodeDeviceLookupByName("computer"),
        }  # fmt: skip
    libvirt.registerErrorHandler(None, None)


def required(method):
    """Return how many arguments a method needs, one at least where it takes any."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    return min(len(parameters), max(1, sum(each.default is each.empty for each in parameters)))


def refused(method, *arguments):
    try:
        method(*arguments)
    except TypeError:
        return True
    except (libvirt.libvirtError, AttributeError, LookupError, SystemError):
        return False
    return False


# What opens, closes or only refuses is left out; domains of a list are looked at one after the other.
UNTYPED = {"close", "c_pointer", "destroy", "domainListGetStats", *_EMPTY}


@pytest.mark.parametrize("wrong", [object(), 1.5], ids=["object", "float"])
@pytest.mark.parametrize(
    "of", ["virConnect", "virDomain", "virStoragePool", "virNetwork", "virInterface", "virNodeDevice"]
)
def test_arguments_of_the_wrong_type_are_refused_as_libvirt_python_refuses_them(theirs, of, wrong):
    mine = object.__new__(OWN[of])  # no host: nothing may be asked of one
    differing = []
    for name in [each for kind, each in METHODS if kind == of and each not in UNTYPED]:
        method = getattr(OWN[of], name)
        given = [wrong] * required(getattr(libvirt, of).__dict__[name])
        if getattr(method, "unsupported", False) or not given or not refused(getattr(theirs[of], name), *given):
            continue
        if not refused(method, mine, *given):
            differing.append(name)
    assert differing == []


def test_an_argument_by_name_is_checked_as_well():
    with pytest.raises(TypeError, match="argument 'name' is of the wrong type: int"):
        esxdriver.Connect.lookupByName(None, name=5)


def arguments_without_text(method):
    """Return what a method needs, None in place of texts."""
    needed = [each for each in list(inspect.signature(method).parameters.values())[1:] if each.default is each.empty]
    others = {"int": 0, int: 0, "float": 0.0, float: 0.0}
    return [None if each.annotation in ("str", str) else others.get(each.annotation, MagicMock()) for each in needed]


WANTING_TEXT = [
    (of, name)
    for of, name in METHODS
    if of in OWN and not getattr(getattr(OWN[of], name), "unsupported", False)
    and arguments_without_text(getattr(OWN[of], name))[:1] == [None]
]  # fmt: skip


@pytest.mark.parametrize(("of", "name"), WANTING_TEXT)
def test_none_in_place_of_a_text_is_an_invalid_argument_as_it_is_to_libvirt(of, name):
    mine = object.__new__(OWN[of])  # no host: nothing may be asked of one
    arguments = arguments_without_text(getattr(OWN[of], name))
    assert "must not be None" in failing(libvirt.VIR_ERR_INVALID_ARG, getattr(mine, name), *arguments)


def test_text_where_bytes_are_wanted_is_libvirts_error_and_not_pythons(theirs):
    for method in (theirs["virConnect"].lookupByUUID, object.__new__(esxdriver.Connect).lookupByUUID):
        with pytest.raises(libvirt.libvirtError):
            method("97a43ce7-31e1-441d-aa90-5291c6c4de6a")
