"""libvirt's two documents of what a host can run: as they are written, and as libvirt's schemas have them."""

import shutil

import pytest

from esxdriver.conf.capabilities import Cell, Host, MachineType, Signature, Thread, Topology, capabilities_xml
from esxdriver.conf.domain_capabilities import Part, domain_capabilities_xml
from esxdriver.conf.xml.schema import check_schema

installed = pytest.mark.skipif(
    not shutil.which("virt-xml-validate"), reason="libvirt's schemas are not here (Debian package libvirt-clients)"
)

FULL = Host(
    arch="x86_64", migration="vpxmigr", uuid="4c4c4544-0000-4000-8000-000000000001", vendor="Intel", live=True,
    signature=Signature(6, 106, 6), topology=Topology(1, 1, 2),
    cells=(Cell(0, 1048576, (Thread(0, 0, 0, (0, 1)), Thread(1, 0, 0, (0, 1)))), Cell(1, None, (Thread(2, 1, 0, (2,)),))),
)  # fmt: skip
HOST = """\
  <host>
    <uuid>4c4c4544-0000-4000-8000-000000000001</uuid>
    <cpu>
      <arch>x86_64</arch>
      <vendor>Intel</vendor>
      <signature family='6' model='106' stepping='6'/>
      <topology sockets='1' dies='1' cores='1' threads='2'/>
    </cpu>
    <power_management/>
    <migration_features>
      <live/>
      <uri_transports>
        <uri_transport>vpxmigr</uri_transport>
      </uri_transports>
    </migration_features>
    <topology>
      <cells num='2'>
        <cell id='0'>
          <memory unit='KiB'>1048576</memory>
          <cpus num='2'>
            <cpu id='0' socket_id='0' die_id='0' core_id='0' siblings='0-1'/>
            <cpu id='1' socket_id='0' die_id='0' core_id='0' siblings='0-1'/>
          </cpus>
        </cell>
        <cell id='1'>
          <cpus num='1'>
            <cpu id='2' socket_id='1' die_id='0' core_id='0' siblings='2'/>
          </cpus>
        </cell>
      </cells>
    </topology>
  </host>
"""
GUEST = """\
  <guest>
    <os_type>hvm</os_type>
    <arch name='x86_64'>
      <wordsize>64</wordsize>
      <machine maxCpus='768'>vmx-19</machine>
      <machine maxCpus='8'>vmx-07</machine>
      <domain type='vmware'/>
    </arch>
    <features>
      <deviceboot/>
      <disksnapshot default='on' toggle='no'/>
      <acpi default='on' toggle='no'/>
      <apic default='on' toggle='no'/>
    </features>
  </guest>
</capabilities>
"""
LITTLE = Host(arch="aarch64", migration="vpxmigr")
MACHINES = [MachineType("vmx-19", 768), MachineType("vmx-07", 8)]


def test_all_that_a_host_says():
    text = capabilities_xml(FULL, MACHINES)
    assert text.startswith(f"<capabilities>\n{HOST}  <guest>\n")
    assert "<arch name='i686'>" in text
    assert text.endswith(GUEST)


def test_what_a_host_does_not_say_is_left_out():
    text = capabilities_xml(LITTLE)
    for name in ("uuid", "vendor", "signature", "topology", "live", "machine", "i686"):
        assert name not in text
    assert "<arch name='aarch64'>" in text


@installed
@pytest.mark.parametrize("host", [FULL, LITTLE], ids=["full", "little"])
def test_the_schema_takes_the_hosts_document(host):
    check_schema(capabilities_xml(host, MACHINES), "capabilities", "capability")


PARTS = [
    Part("os", supported=True, enums={"firmware": ["bios", "efi"]}),
    Part("os/loader", supported=False),
    Part("memoryBacking", supported=False),
    Part("devices/disk", supported=True, enums={"bus": ["scsi"]}),
    Part("devices/graphics", supported=False),
    Part("features/genid", supported=True),
]


def test_a_domains_document():
    assert domain_capabilities_xml("vmx-19", "x86_64", 32, PARTS) == (
        "<domainCapabilities>\n"
        "  <path>/bin/vmx</path>\n"
        "  <domain>vmware</domain>\n"
        "  <machine>vmx-19</machine>\n"
        "  <arch>x86_64</arch>\n"
        "  <vcpu max='32'/>\n"
        "  <iothreads supported='no'/>\n"
        "  <os supported='yes'>\n"
        "    <enum name='firmware'>\n"
        "      <value>bios</value>\n"
        "      <value>efi</value>\n"
        "    </enum>\n"
        "    <loader supported='no'/>\n"
        "  </os>\n"
        "  <cpu>\n"
        "    <mode name='host-passthrough' supported='yes'/>\n"
        "    <mode name='maximum' supported='no'/>\n"
        "    <mode name='host-model' supported='no'/>\n"
        "    <mode name='custom' supported='no'/>\n"
        "  </cpu>\n"
        "  <memoryBacking supported='no'/>\n"
        "  <devices>\n"
        "    <disk supported='yes'>\n"
        "      <enum name='bus'>\n"
        "        <value>scsi</value>\n"
        "      </enum>\n"
        "    </disk>\n"
        "    <graphics supported='no'/>\n"
        "  </devices>\n"
        "  <features>\n"
        "    <genid supported='yes'/>\n"
        "  </features>\n"
        "</domainCapabilities>\n"
    )


@installed
@pytest.mark.parametrize("parts", [PARTS, []], ids=["some", "none"])
def test_the_schema_takes_a_domains_document(parts):
    check_schema(domain_capabilities_xml("vmx-19", "i686", None, parts), "domainCapabilities", "domaincaps")
