"""``migrate``: where to, in each way that it is said."""

from unittest.mock import ANY

import libvirt
import pytest

URI = "vpxmigr://vc/pool-1/host-2"
LIVE, P2P = libvirt.VIR_MIGRATE_LIVE, libvirt.VIR_MIGRATE_PEER2PEER

# What is typed after the domain, and what the method gets.
SENT = [
    ("esx2 --live", (URI, LIVE, None, 0)),
    (f"{URI} --direct", (URI, 0, None, 0)),
    (f"--desturi esx2 --migrateuri {URI}", (URI, 0, None, 0)),
    ("esx2 --p2p --dname other --bandwidth 5", (URI, P2P, "other", 5)),
]


@pytest.mark.parametrize(("line", "sent"), SENT)
def test_a_destination_is_handed_on(esxdriver, conn, line, sent):
    db01 = conn.domains[1]
    db01.migrationURI.return_value = URI
    found = esxdriver("migrate", "db01", *line.split())
    assert (found.exit_code, found.output[:25]) == (0, "Domain 'db01' migrated to")
    db01.migrateToURI.assert_called_once_with(*sent, progress=ANY)
