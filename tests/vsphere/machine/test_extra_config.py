"""Whose each option of a machine is, and that nobody else's is ever sent."""

import re

import pytest

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.vsphere.change.options import option_changes
from esxdriver.vsphere.machine.extra_config import OWNERS, is_shown
from esxdriver.vsphere.machine.match import match

# As real hosts write them.
OWNED = [
    "checkpoint.vmState",
    "checkpoint.vmState.readOnly",
    "cleanShutdown",
    "softPowerOff",
    "migrate.hostlog",
    "migrate.migrationId",
    "vmotion.checkpointFBSize",
    "vmotion.svga.mobMaxSize",
    "replay.supported",
    "replay.filename",
    "sched.swap.derivedName",
    "vmxstats.filename",
    "numa.autosize.cookie",
    "unity.wasCapable",
    "scsi0:0.redo",
    "nvme0:1.redo",
    "usb:0.parent",
    "extendedConfigFile",
    "hostCPUID.0",
    "hostCPUID.80000001",
    "guestCPUID.1",
    "userCPUID.d",
    "featMask.vm.cpuid.MWAIT",
    "featMask.vm.hv.capable",
    "featureCompat.vm.completeMasks",
    "evcCompatibilityMode",
    "monitor.phys_bits_used",
    "scsi0.sasWWID",
    "scsi3.sasWWID",
    "vmci0.id",
    "ethernet0.pciSlotNumber",
    "pciBridge4.pciSlotNumber",
    "ethernet0.generatedAddressOffset",
    "uuid.location",
    "viv.moid",
    "eam.agent.agentMoId",
    "guestOS.detailed.data",
    "guestInfo.detailed.data",
    "guestinfo.vmtools.buildNumber",
    "guestinfo.appInfo",
    "guestinfo.ovfEnv",
    "tools.capability.verifiedSamlToken",
    "tools.remindInstall",
    "toolsInstallManager.lastInstallError",
    "vmware.tools.requiredversion",
    ".encoding",
    "virtualHW.version",
    "uuid.bios",
    "vc.uuid",
    "scsi0:0.fileName",
    "pciPassthru28.pfId",
    "esxdriver.absent",
]

# What users and products set, and want to keep.
SHOWN = [
    "disk.EnableUUID",
    "isolation.tools.copy.disable",
    "snapshot.maxSnapshots",
    "sched.cpu.latencySensitivity",
    "svga.present",
    "guestinfo.userdata",
    "guestinfo.metadata",
    "ctkEnabled",
    "scsi0:0.ctkEnabled",
    "mainMem.useNamedFile",
    "time.synchronize.restore",
    "tools.guest.desktop.autolock",
    "monitor_control.restrict_backdoor",
    "hypervisor.cpuid.v0",
    "cpuid.1.ecx",
    "pciBridge4.functions",
    "RemoteDisplay.maxConnections",
    "ethernet2.rxDataRingEnabled",
    "replayer",
    "uuids.location",
    "mycheckpoint.vmState",
]


@pytest.mark.parametrize("name", OWNED)
def test_what_is_not_the_users_is_not_shown_nor_sent_to_a_machine_old_or_new(name):
    assert not is_shown(name.lower())
    want = DomainDef(name="copy", memory=4096, options={name: "of another time"})
    assert option_changes(match(None, want)) == {}


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_the_users_is(name):
    want = DomainDef(name="copy", memory=4096, options={name: "1"})
    assert option_changes(match(None, want)) == {name: "1"}


def test_each_option_has_one_owner():
    for name in OWNED:
        owners = [
            owner for owner, patterns in OWNERS.items() if any(re.fullmatch(each, name.lower()) for each in patterns)
        ]
        assert len(owners) == 1, (name, owners)
