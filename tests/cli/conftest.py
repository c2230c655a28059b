"""A connection that answers from a list of domains, with the real one's signatures, and a way to run commands."""

from dataclasses import dataclass
from unittest.mock import create_autospec

import libvirt
import pytest
from click.testing import CliRunner, Result

from esxdriver.cli import cli
from esxdriver.cli.target import Target
from esxdriver.conf.mapping.states import PowerState
from esxdriver.driver.connect import Connect
from esxdriver.driver.domain import Domain
from esxdriver.errors import error

XML = """<domain type="vmware">
  <name>web01</name>
  <title>front end</title>
  <memory unit="KiB">2097152</memory>
  <vcpu>2</vcpu>
  <os><type>hvm</type></os>
  <devices>
    <disk type="file" device="disk" snapshot="yes" persistent="yes">
      <source file="[ds] web01/web01.vmdk"/><target dev="sda" bus="scsi"/>
    </disk>
    <disk type="file" device="disk" snapshot="no" persistent="yes">
      <source file="[ds] web01/data.vmdk"/><target dev="sdb" bus="scsi"/>
    </disk>
    <disk type="file" device="disk" snapshot="no" persistent="no">
      <source file="[ds] web01/tmp.vmdk"/><target dev="sdc" bus="scsi"/>
    </disk>
    <disk type="file" device="cdrom"><target dev="hdc" bus="ide"/></disk>
    <controller type="scsi" index="0" model="vmpvscsi"/>
  </devices>
</domain>
"""


NUMBERS = {state.vim: state.number for state in PowerState}


def a_domain(conn, name, number, power="poweredOff"):
    """Make a domain; its UUID repeats its number."""
    domain = create_autospec(Domain, instance=True)
    domain.known_power = PowerState.of("vim", power)
    domain.number = number
    domain.connect.return_value = conn
    domain.name.return_value = name
    domain.ID.return_value = -1 if power == "poweredOff" else number
    domain.UUIDString.return_value = uuid_of(number)
    domain.OSType.return_value = "hvm"
    domain.state.return_value = [NUMBERS[power], 0]
    domain.info.return_value = [NUMBERS[power], 2097152, 1048576, 2, 0]
    domain.isPersistent.return_value = 1
    domain.hasManagedSaveImage.return_value = 0
    domain.XMLDesc.return_value = XML
    return domain


def uuid_of(number):
    return f"{number:08d}-0000-4000-8000-000000000000"


def _lookup(domains, what, key):
    def look(word):
        found = next((each for each in domains if key(each) == word), None)
        if found is None:
            raise error(libvirt.VIR_ERR_NO_DOMAIN, f"no domain with matching {what} '{word}'")
        return found

    return look


@pytest.fixture
def conn():
    """An open connection with three domains, one of them called as another's ID."""
    conn = create_autospec(Connect, instance=True)
    conn.__enter__.return_value = conn
    conn.__exit__.return_value = None
    domains = [
        a_domain(conn, "web01", 1),
        a_domain(conn, "db01", 2, "poweredOn"),
        a_domain(conn, "Lab", 5, "suspended"),
    ]
    conn.domains = domains
    conn.listAllDomains.side_effect = lambda _flags=0: list(domains)
    conn.lookupByID.side_effect = _lookup(domains, "id", lambda each: each.ID())
    conn.lookupByUUIDString.side_effect = _lookup(domains, "uuid", lambda each: each.UUIDString())
    conn.lookupByName.side_effect = _lookup(domains, "name", lambda each: each.name())
    conn.defineXMLFlags.return_value = domains[0]
    conn.getInfo.return_value = ["Xeon", 4096, 16, 2900, 1, 2, 8, 2]
    conn.getHostname.return_value = "esx1.example.test"
    conn.getCapabilities.return_value = "<capabilities/>\n"
    conn.getURI.return_value = "esx://esx1/"
    conn.getVersion.return_value, conn.getLibVersion.return_value = 8000002, 9001000
    conn.getType.return_value = "ESX"
    return conn


@dataclass
class Shell:
    """Runs commands over ``conn`` and remembers the targets that were opened."""

    opened: list

    def __call__(self, *words, stdin=None) -> Result:
        return CliRunner().invoke(cli, [str(word) for word in words], input=stdin)


@pytest.fixture
def esxdriver(conn, monkeypatch):
    opened = []

    def open_it(target):
        opened.append(target)
        return conn

    monkeypatch.setattr(Target, "opened", open_it)
    return Shell(opened)
