"""iSCSI targets as pools, as a recording has them."""

import libvirt
import pytest

pytestmark = pytest.mark.esx(model="esx-iscsi")

ISCSI = libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ISCSI


def test_targets_are_pools_and_their_luns_volumes(esx):
    full, empty = esx.listAllStoragePools(ISCSI)
    assert full.name() != empty.name()
    assert [volume.path().rpartition(".")[2] for volume in full.listAllVolumes()] == [
        "60003ff44dc75adc8f3a6b1e00000001", "60003ff44dc75adc8f3a6b1e00000002",
    ]  # fmt: skip
    assert empty.listVolumes() == []
    assert full.info()[1] == sum(volume.info()[1] for volume in full.listAllVolumes())
    assert esx.storagePoolLookupByUUID(full.UUID()).name() == full.name()
    assert f"<device path='{full.name()}'/>" in full.XMLDesc()
