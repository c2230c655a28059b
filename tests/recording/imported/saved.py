"""What somebody has saved of a host, small: as govc writes it, and as the host has answered."""

import io
import tarfile
from xml.sax.saxutils import escape

_XSI = 'xmlns:_XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" _XMLSchema-instance:type'

ABOUT = {
    "esx": {"name": "VMware ESXi", "fullName": "VMware ESXi 8.0.2 build-22380479", "version": "8.0.2", "build": "22380479", "productLineId": "embeddedEsx", "apiType": "HostAgent", "apiVersion": "8.0.2.0"},
    "vpx": {"name": "VMware vCenter Server", "fullName": "VMware vCenter Server 7.0.3 build-20990077", "version": "7.0.3", "build": "20990077", "productLineId": "vpx", "apiType": "VirtualCenter", "apiVersion": "7.0.3.0"},
}  # fmt: skip

DISK = """<device {xsi}="VirtualDisk"><key>{key}</key><deviceInfo><label>Hard disk</label><summary>x</summary></deviceInfo>
<backing {xsi}="VirtualDiskFlatVer2BackingInfo"><fileName>[{store}] {name}/{name}_{key}.vmdk</fileName>
<diskMode>{mode}</diskMode></backing><controllerKey>1000</controllerKey><unitNumber>{unit}</unitNumber><capacityInKB>1024</capacityInKB></device>"""


def config(name="secret-web", uuid="564d0000-0000-0000-0000-000000000001", *, store="secret-store", options=""):
    """Return the configuration of a machine with a disk of each mode."""
    modes = ("persistent", "independent_persistent", "independent_nonpersistent")
    disks = "".join(
        DISK.format(xsi=_XSI, key=2000 + unit, unit=unit, mode=mode, name=escape(name), store=store)
        for unit, mode in enumerate(modes)
    )
    return f"""<val {_XSI}="VirtualMachineConfigInfo"><changeVersion>1</changeVersion><modified>2026-01-01T00:00:00Z</modified>
<name>{escape(name)}</name><guestFullName>Debian</guestFullName><version>vmx-19</version><uuid>{uuid}</uuid>
<instanceUuid>50{uuid[2:]}</instanceUuid><template>false</template><guestId>debian11_64Guest</guestId>
<files><vmPathName>[{store}] {escape(name)}/{escape(name)}.vmx</vmPathName></files>
<hardware><numCPU>2</numCPU><numCoresPerSocket>1</numCoresPerSocket><memoryMB>512</memoryMB>
<device {_XSI}="ParaVirtualSCSIController"><key>1000</key><busNumber>0</busNumber><hotAddRemove>true</hotAddRemove><sharedBus>noSharing</sharedBus><scsiCtlrUnitNumber>7</scsiCtlrUnitNumber></device>
{disks}</hardware><bootOptions></bootOptions>{options}<datastoreUrl><name>{store}</name><url>/vmfs/volumes/5f3c1a6a-0b8b3e1c-97a5-000c29c4a1b2</url></datastoreUrl></val>"""


def govc(kind, moid, /, **properties):
    """Return an object as ``govc object.save`` writes it."""
    sets = "".join(
        f"<propSet>\n    <name>{path.replace('__', '.')}</name>\n    {value}\n  </propSet>"
        for path, value in properties.items()
    )
    return f'<ObjectContent>\n  <obj type="{kind}">{moid}</obj>\n  {sets}\n</ObjectContent>'


def text(value):
    return f'<val {_XSI}="xsd:string">{escape(value)}</val>'


def runtime(state="poweredOff"):
    return f'<val {_XSI}="VirtualMachineRuntimeInfo"><connectionState>connected</connectionState><powerState>{state}</powerState></val>'


def soap(*objects):
    """Return the answer of a host with these objects, which are as govc writes them."""
    inner = "".join(each.replace("ObjectContent>", "objects>") for each in objects)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<soapenv:Body><RetrievePropertiesExResponse xmlns="urn:vim25"><returnval>{inner}</returnval>'
        "</RetrievePropertiesExResponse></soapenv:Body></soapenv:Envelope>"
    )


def content(model="esx"):
    """Return the object that says what host it is."""
    about = "".join(f"<{key}>{value}</{key}>" for key, value in ABOUT[model].items())
    return govc(
        "ServiceInstance",
        "ServiceInstance",
        content=f'<val {_XSI}="ServiceContent"><rootFolder type="Folder">root-1</rootFolder><about>{about}</about></val>',
    )


def machine(name="secret-web", number="1", **options):
    return govc("VirtualMachine", number, name=text(name), config=config(name, **options), runtime=runtime())


def tar(files, mode="w"):
    """Return a tar with these files, by name; a member may be a TarInfo as well."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for name, data in files.items():
            if isinstance(data, tarfile.TarInfo):
                archive.addfile(data)
                continue
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()
