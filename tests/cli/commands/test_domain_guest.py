"""What a guest says, as virsh shows it."""

import pytest

CARDS = {
    "nic0": {
        "hwaddr": "00:50:56:00:00:01",
        "addrs": [{"addr": "192.0.2.7", "prefix": 24, "type": 0}, {"addr": "fe80::1", "prefix": 64, "type": 1}],
    },
    "nic1": {"hwaddr": "00:50:56:00:00:02", "addrs": [{"addr": "192.0.2.8", "prefix": 24, "type": 0}]},
}

HEAD = """\
 Name   MAC address         Protocol   Address
-----------------------------------------------------
"""

ADDRESSES = [
    ([], HEAD + """\
 nic0   00:50:56:00:00:01   ipv4       192.0.2.7/24
 -      -                   ipv6       fe80::1/64
 nic1   00:50:56:00:00:02   ipv4       192.0.2.8/24
"""),
    (["--full", "--interface", "nic0"], HEAD + """\
 nic0   00:50:56:00:00:01   ipv4       192.0.2.7/24
 nic0   00:50:56:00:00:01   ipv6       fe80::1/64
"""),
]  # fmt: skip


@pytest.mark.parametrize(("options", "shown"), ADDRESSES)
def test_addresses(esxdriver, conn, options, shown):
    conn.domains[1].interfaceAddresses.return_value = CARDS
    result = esxdriver("domifaddr", "db01", *options)
    assert (result.exit_code, result.stdout) == (0, shown)
    conn.domains[1].interfaceAddresses.assert_called_once_with(0)


def test_the_source_of_addresses(esxdriver, conn):
    conn.domains[1].interfaceAddresses.return_value = {}
    assert esxdriver("domifaddr", "db01", "--source", "agent").exit_code == 0
    conn.domains[1].interfaceAddresses.assert_called_once_with(1)


def test_the_host_name_cannot_steer_the_terminal(esxdriver, conn):
    conn.domains[1].hostname.return_value = "a\x1b[2J"
    assert esxdriver("domhostname", "db01").stdout == "a\\x1b[2J\n"


def test_file_systems(esxdriver, conn):
    conn.domains[1].fsInfo.return_value = [["/", "/", "ext4", ["sda", "sdb"]]]
    assert esxdriver("domfsinfo", "db01").stdout == (
        " Mountpoint   Name   Type   Target\n-------------------------------------\n /            /      ext4   sda,sdb\n"
    )


def test_information(esxdriver, conn):
    conn.domains[1].guestInfo.return_value = {"hostname": "a", "fs.count": 2}
    result = esxdriver("guestinfo", "db01", "--hostname", "--interface")
    assert result.stdout == "hostname            : a\nfs.count            : 2\n"
    conn.domains[1].guestInfo.assert_called_once_with(8 | 64)
