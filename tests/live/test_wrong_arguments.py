"""Wrong arguments of every public method, beside libvirt-python with libvirt's own test driver: refused by the same error.

Each argument in turn is what it must not be, the others as they should be but for objects, which are None.
"""

import inspect
import re

import libvirt
import pytest

import esxdriver
from tests.conftest import password_auth, sim_uri
from tests.helpers import run_libvirts_loop

pytestmark = pytest.mark.live

CLASSES = [
    "virConnect", "virDomain", "virStoragePool", "virStorageVol", "virNetwork", "virInterface", "virDomainSnapshot",
    "virStream",
]  # fmt: skip
WRONG = {
    "number": [None, "x", 1.5, -1, 2**40, 2**70],
    "flags": [None, "x", 1 << 30],
    "text": [None, 5, b"x", ""],
    "object": [None, "x", 5],
}
USUAL = {"number": 0, "flags": 0, "text": "nosuch", "object": None}

# Where the errors differ, by "class.method argument=value", and why that is on purpose.
DIFFERENT = {
    r".*(xmlDesc|xml)=''": "what is no XML is XML_ERROR with its line; libvirt has a code of its own for the parser's text",
    r".*LookupByUUID uuid=|.*lookupByUUID uuid=": "libvirt-python gives up without an error and shows the last one",
    r"virConnect.getCPUModelNames ": "not supported, whatever is asked for",
    r"virConnect.newStream flags=": "libvirt looks at no flag of a stream but one; a wrong one is a mistake, though",
    r"virConnect.*EventRegisterAny (net|pool|dev|secret)=": "what no event comes of is not looked at",
    r"virConnect.*(EventRegister|EventRegisterAny) (cb|opaque)=": "the same may be registered twice, as of a domain",
    r"virConnect.domainEventDeregister cb=": "one that was never registered is a mistake",
    r"virConnect.registerCloseCallback ": "one is registered at a time, as in libvirt's C API",
    r"virConnect.listAllDevices flags=": "a flag of libvirt 9.8 and later",
    r"virDomain.blockStats path=''": "ESX has a summary of all disks",
    r"virDomain.diskErrors flags=": "the test driver looks at no flags here",
    r"virDomain.(interfaceAddresses source|screenshot screen)=": "libvirt-python drops bits above 32",
    r"virDomain.managedSave": "not supported without managed_save=1",
    r"virDomain.(metadata|setMetadata) type=-1": "no such type",
    r"virDomain.metadata uri=None": "the domain here has a description",
    r"virDomain.migrateToURI": "the test driver migrates nothing",
    r"virDomain.set(Max)?Memory.* memory=-1": "libvirt-python makes 2**64 - 1 of it",
    r"virDomain.setMemoryStatsPeriod ": "not supported, whatever is asked for",
    r"virDomain.sendKey ": "libvirt-python sends no list that is none, and shows the last error",
    r"virStoragePool.createXMLFrom xmlDesc=": "the first of two wrong arguments",
    r"virNetwork.update ": "what ESX has no part for is said before the document is read",
    r"virStream.sparse": "not supported: a host's HTTP knows no holes",
    r"virStream.send data=": "libvirt-python breaks off",
}


def objects(conn, domain, pool, volume, network, snapshot):
    return {
        "virConnect": conn, "virDomain": domain, "virStoragePool": pool, "virStorageVol": volume, "virNetwork": network,
        "virInterface": conn.listAllInterfaces()[0], "virDomainSnapshot": snapshot, "virStream": conn.newStream(),
    }  # fmt: skip


@pytest.fixture(scope="module")
def theirs():
    run_libvirts_loop()
    libvirt.registerErrorHandler(lambda *_: None, None)
    with libvirt.open("test:///default") as conn:
        domain, pool = conn.lookupByName("test"), conn.storagePoolLookupByName("default-pool")
        volume = pool.createXML("<volume><name>v</name><capacity>1048576</capacity></volume>")
        snapshot = domain.snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>")
        yield objects(conn, domain, pool, volume, conn.networkLookupByName("default"), snapshot)
    libvirt.registerErrorHandler(None, None)


@pytest.fixture
def ours(sim):
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn:
        pool = conn.storagePoolLookupByName("datastore1")
        snapshot = conn.lookupByName("snap01").listAllSnapshots()[0]
        volume, network = pool.storageVolLookupByName("spare/spare-1.vmdk"), conn.networkLookupByName("vSwitch0")
        yield objects(conn, conn.lookupByName("db01"), pool, volume, network, snapshot)


def kind(argument):
    declared = str(argument.annotation)
    if argument.name == "flags":
        return "flags"
    if "List" in declared or "Dict" in declared:
        return "object"
    return "number" if "int" in declared else "text" if "str" in declared else "object"


def calls(cls):
    """Yield the name of each method that is answered here, a sentence of the call, and wrong arguments for it."""
    for name, method in vars(getattr(libvirt, cls)).items():
        answered = not getattr(getattr(getattr(esxdriver, cls), name, None), "unsupported", False)
        if name.startswith("_") or name in ("close", "abort") or not inspect.isfunction(method) or not answered:
            continue
        arguments = list(inspect.signature(method).parameters.values())[1:]
        usual = [USUAL[kind(each)] if each.default is each.empty else each.default for each in arguments]
        for place, argument in enumerate(arguments):
            for value in WRONG[kind(argument)]:
                yield name, f"{cls}.{name} {argument.name}={value!r}", [*usual[:place], value, *usual[place + 1 :]]


def refused(method, arguments):
    """Return the code of a refusal, or the name of Python's error; None for none."""
    try:
        method(*arguments)
    except libvirt.libvirtError as raised:
        return raised.get_error_code() or "no code"
    except (AttributeError, SystemError, TypeError):  # what libvirt-python says of objects that are none of its own
        return "TypeError"
    except OverflowError:
        return "OverflowError"
    return None


def agree(their, our):
    return their in (our, libvirt.VIR_ERR_NO_SUPPORT) or (their == "no code" and our is not None)


@pytest.mark.parametrize("cls", CLASSES)
def test_wrong_arguments_are_refused_as_libvirt_python_refuses_them(theirs, ours, cls):
    differing = []
    for name, call, arguments in calls(cls):
        their, our = refused(getattr(theirs[cls], name), arguments), refused(getattr(ours[cls], name), arguments)
        if not agree(their, our) and not any(re.match(pattern, call) for pattern in DIFFERENT):
            differing.append((call, their, our))
    assert differing == []


UNKNOWN = [
    ("virDomain", "setMemoryParameters", ({"nosuch": 1}, 0)), ("virDomain", "setSchedulerParameters", ({"nosuch": 1},)),
    ("virDomain", "setMemoryParameters", ({"hard_limit": "x"}, 0)), ("virDomain", "setMemoryParameters", ({5: 1}, 0)),
    ("virDomain", "migrateToURI3", ("vpxmigr://h", {"nosuch": 1}, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "name", "arguments"), UNKNOWN)
def test_a_typed_parameter_that_is_unknown_or_of_another_type_is_the_callers_mistake(ours, cls, name, arguments):
    codes = ("TypeError", libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED)
    assert refused(getattr(ours[cls], name), arguments) in codes


BESIDE = [
    ("virDomain", "screenshot", (None, 0), "invalid stream pointer in "),
    ("virStorageVol", "download", (None, 0, 0), "invalid stream pointer in "),
    ("virStoragePool", "createXMLFrom", ("<volume/>", None), "invalid storage volume pointer in "),
    ("virDomain", "revertToSnapshot", (None,), "Invalid domain snapshot: "),
    ("virConnect", "lookupByID", (-1,), "id in virDomainLookupByID must be zero or greater"),
    ("virDomain", "metadata", (0, "urn:x"), "uri in virDomainGetMetadata must be NULL"),
    ("virDomain", "setMetadata", (0, "text", "key", None), "key in virDomainSetMetadata must be NULL"),
    ("virDomain", "XMLDesc", (1 << 30,), "unsupported flags (0x40000000) in function "),
]


@pytest.mark.parametrize(
    ("cls", "name", "arguments", "text"), BESIDE, ids=[f"{cls}.{name}" for cls, name, *_ in BESIDE]
)
def test_the_text_is_libvirts(theirs, ours, cls, name, arguments, text):
    for each in (theirs, ours):
        with pytest.raises(libvirt.libvirtError, match=re.escape(text)):
            getattr(each[cls], name)(*arguments)
