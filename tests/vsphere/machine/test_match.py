"""Which device is which: every device of a machine and of a document in one pair, computed once."""

from collections import Counter
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given

from esxdriver.conf.devices.controller import ControllerDef
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.filesystem import FilesystemDef
from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.devices.kinds import KINDS
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.vsphere.change import rules
from esxdriver.vsphere.change.plan import plan_creation, plan_edit
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine import match as matching
from esxdriver.vsphere.machine.machine import State
from esxdriver.vsphere.machine.match import match
from tests.conf.documents import domain
from tests.hosting import created
from tests.strategies import domains

A = "<disk type='file' device='disk'><source file='[ds] a/a.vmdk'/><target dev='sda' bus='scsi'/></disk>"
B = A.replace("a/a.vmdk", "a/b.vmdk").replace("sda", "sdb")
NIC = "<interface type='bridge'><mac address='00:50:56:00:00:01'/><source bridge='n'/></interface>"
FOLDER = "<filesystem><source dir='/{0}'/><target dir='{0}'/></filesystem>"


def having(*devices):
    want = domain_xml.parse(domain("".join(devices)))
    return machine.read(created(plan_creation(match(None, want), "[ds] a/a.vmx").spec))


CASES = [
    # the machine's devices, the document's, the definition, and what becomes of each: kept, new, to go
    ([A, B], [B, A], DiskDef, "kept kept"),
    ([A], [A, B], DiskDef, "kept new"),
    ([A, B], [B], DiskDef, "kept go"),
    ([A], [A.replace("sda", "sdc")], DiskDef, "kept"),  # a file that moves
    ([NIC], [NIC.replace("'n'", "'m'")], InterfaceDef, "kept"),
    ([NIC], [NIC.replace(":01", ":02")], InterfaceDef, "kept"),  # on the same network
    ([NIC], [], InterfaceDef, "go"),
    ([FOLDER.format("a"), FOLDER.format("b")], [FOLDER.format("b"), FOLDER.format("c")], FilesystemDef, "kept new go"),
    ([A], [A], ControllerDef, "kept"),  # which the document does not name
    ([], [A], ControllerDef, "new"),
]


@pytest.mark.parametrize(("have", "want", "kind", "becomes"), CASES)
def test_a_device_is_known_by_what_identifies_its_kind(have, want, kind, becomes):
    pairs = match(having(*have), domain_xml.parse(domain("".join(want)))).of(kind)
    states = {(True, True): "kept", (False, True): "new", (True, False): "go"}
    assert " ".join(states[pair.have is not None, pair.want is not None] for pair in pairs) == becomes


@given(domains(), domains())
def test_every_device_of_both_is_in_exactly_one_pair(have, want):
    is_ = machine.read(created(plan_creation(match(None, have), "[ds] a/a.vmx").spec))
    matched = match(is_, want)
    for kind in KINDS:
        pairs = matched.of(kind.definition)
        known = Counter(id(pair.have) for pair in pairs if pair.have is not None)
        assert known == Counter(id(each) for each in getattr(is_.definition, kind.name))
        assert sum(pair.want is not None for pair in pairs) >= len(getattr(want, kind.name))
    objects = {id(pair.device) for pair in matched.pairs if pair.device is not None}
    assert objects == {id(device) for _, device in is_.devices}


def test_what_a_document_leaves_open_is_as_the_machine_has_it():
    have = having(A, "<controller type='scsi' index='0' model='vmpvscsi'/>")
    (pair,) = match(have, domain_xml.parse(domain(A))).of(ControllerDef)
    assert pair.want.model is pair.have.model


def test_rules_and_plan_match_nothing_themselves(monkeypatch):
    have = having(A, B, NIC, FOLDER.format("a"))
    matched = match(have, replace(domain_xml.parse(domain(A)), uuid=have.definition.uuid))
    new = match(None, domain_xml.parse(domain(A + NIC)))
    monkeypatch.setattr(matching, "_pairs", None)  # any further matching would raise
    for snapshots in (False, True):
        state = State(off=True, snapshots=snapshots, held=frozenset())
        assert len(rules.may_be_held(matched, state)) == snapshots
        rules.check(matched, state)
    assert {change.operation for change in plan_edit(matched).spec.deviceChange} == {"remove"}
    rules.check(new, State(off=True, snapshots=False))
    assert plan_creation(new, "[ds] a/a.vmx").spec.deviceChange


def test_a_match_does_not_change():
    with pytest.raises(FrozenInstanceError):
        match(None, domain_xml.parse(domain(A))).want = None
