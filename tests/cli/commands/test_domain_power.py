"""A domain's saved memory, as virsh speaks of it."""

import pytest

# What is typed, whether there is an image, and what is said.
SAID = [
    ("managedsave db01", 0, "Domain 'db01' state saved by libvirt\n"),
    ("managedsave-remove web01", 1, "Removed managedsave image for domain 'web01'\n"),
    ("managedsave-remove web01", 0, "Domain 'web01' has no manage save image; removal skipped\n"),
]


@pytest.mark.parametrize(("line", "image", "said"), SAID)
def test_a_managed_save(esxdriver, conn, line, image, said):
    conn.domains[0].hasManagedSaveImage.return_value = image
    found = esxdriver(*line.split())
    assert (found.exit_code, found.output) == (0, said)
    assert conn.domains[0].managedSaveRemove.called == bool(image)


def test_a_list_marks_saved_domains_where_that_is_asked_for(esxdriver, conn):
    web01, db01, _ = conn.domains
    web01.hasManagedSaveImage.return_value = 1
    rows = [line.split() for line in esxdriver("list", "--all", "--managed-save").output.splitlines()]
    assert ["-", "web01", "saved"] in rows
    assert ["-", "web01", "shut", "off"] in [line.split() for line in esxdriver("list", "--all").output.splitlines()]
    db01.hasManagedSaveImage.assert_not_called()
