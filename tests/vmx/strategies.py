"""VMX files that might exist: likely keys with likely, odd and senseless values."""

from hypothesis import strategies as st

_SWITCH = st.sampled_from(["TRUE", "FALSE", "true", "True", "", "maybe"])
_ON = st.sampled_from(["TRUE", "TRUE", "TRUE", "true", "FALSE"])
_NUMBER = st.sampled_from(["0", "1", "2", "4", "-1", "7", "64", "1000", "99999999999999999999999", "x", "", " 8 "])
_ODD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"|\n\r\t'), max_size=12).filter(
    lambda word: word.isprintable()
)
_FILE = st.sampled_from([
    "web.vmdk", "sub/web.vmdk", "../x/y.vmdk", "/vmfs/volumes/ds/a/b.vmdk", "/vmfs/volumes/ds/directory/b.vmdk",
    "/vmfs/volumes//b.vmdk", "[ds] a/b.vmdk", "C:\\vm\\x.vmdk", "x.iso", "/isos/linux.iso", "auto detect", "",
    "emptyBackingString", "/dev/scd0", "/vmfs/devices/cdrom/mpx.vmhba32:C0:T0:L0", "ssl://0.0.0.0:42", "tcp://[::1]:23",
    "telnet://h:9", "-1", "..", "/",
])  # fmt: skip
_KIND = st.sampled_from([
    "scsi-hardDisk", "SCSI-HARDDISK", "disk", "ata-hardDisk", "cdrom-image", "atapi-cdrom", "cdrom-raw",
    "scsi-passthru", "scsi-passthru-rdm", "scsi-nonpassthru-rdm", "rdm", "tape", "", "file", "device", "network",
    "pipe", "thinprint",
])  # fmt: skip
_MODE = st.sampled_from([
    "persistent", "independent-persistent", "independent_persistent", "INDEPENDENT-NONPERSISTENT", "nonpersistent",
    "undoable", "append", "odd",
])  # fmt: skip
_MAC = st.sampled_from([
    "00:0c:29:00:00:01", "00:50:56:00:00:02", "00:50:56:91:48:c7", "00:1A:4A:16:01:55", "00:50:56:50:00:01", "odd", "",
])  # fmt: skip
_UUID = st.sampled_from(["56 4d 9b ef ac d9 b4 e0-c8 f0 ae a8 b9 10 35 15", "00 " * 7 + "00-" + "00 " * 7 + "00"])

_DISK = {
    "present": _ON, "deviceType": _KIND, "fileType": _KIND, "fileName": _FILE, "mode": _MODE, "clientDevice": _SWITCH,
    "autodetect": _SWITCH, "writeThrough": _SWITCH, "sharing": st.sampled_from(["multi-writer", "none"]), "redo": _ODD,
    "startConnected": _SWITCH,
}  # fmt: skip
_CONTROLLER = {
    "present": _ON, "virtualDev": st.sampled_from(["pvscsi", "LSILOGIC", "buslogic", "odd", ""]),
    "pciSlotNumber": _NUMBER, "sharedBus": st.sampled_from(["none", "virtual", "physical", "odd"]),
}  # fmt: skip
_NIC = {
    "present": _ON, "virtualDev": st.sampled_from(["vmxnet3", "e1000", "vmxnet", "sriov", "odd", ""]),
    "features": st.sampled_from(["1", "15"]),
    "connectionType": st.sampled_from(["bridged", "nat", "custom", "hostonly", "none", "odd", ""]),
    "networkName": st.sampled_from(["VM Network", "", "VMnet0"]), "vnet": st.sampled_from(["vmnet7", "VMnet8", ""]),
    "addressType": st.sampled_from(["static", "generated", "vpx", "odd", ""]), "address": _MAC,
    "generatedAddress": _MAC, "generatedAddressOffset": _NUMBER, "checkMACAddress": _SWITCH,
    "dvs.switchId": _UUID | st.just("odd"), "dvs.portId": _NUMBER, "dvs.portgroupId": _ODD,
    "dvs.connectionId": _NUMBER, "opaqueNetwork.id": _ODD, "opaqueNetwork.type": _ODD, "pciSlotNumber": _NUMBER,
}  # fmt: skip
_PORT = {
    "present": _ON, "fileType": _KIND, "fileName": _FILE,
    "network.endPoint": st.sampled_from(["server", "client", "odd"]),
    "pipe.endPoint": st.sampled_from(["server", "client"]), "vspc": st.just("telnets://10.0.0.1:1#x"),
    "tryNoRxLoss": _SWITCH, "yieldOnMsrRead": _SWITCH,
}  # fmt: skip
_PCI = {
    "present": _ON,
    "id": st.sampled_from(["00000:013:00.0", "0000:0d:00.0", "0d:00.1", "0:66:0.0", "130:00.0", "", "x"]),
    "deviceId": st.sampled_from(["0x1533", "0", "odd"]), "vendorId": st.sampled_from(["0x8086", "0"]),
    "systemId": st.sampled_from(["BYPASS", "BYPASS", "bypass", "5c6a"]) | _ODD, "pfId": st.just("00000:026:00.1"),
    "networkName": st.sampled_from(["LAN", ""]), "dvs.portgroupId": _ODD, "dvs.switchId": _UUID,
    "MACAddressType": st.sampled_from(["static", "vpx", "generated", "odd"]), "MACAddress": _MAC,
    "generatedMACAddress": _MAC, "pciSlotNumber": _NUMBER,
}  # fmt: skip
_FOLDER = {
    "present": _ON, "enabled": _ON, "hostPath": st.sampled_from(["/a", ""]), "guestName": _ODD, "readAccess": _SWITCH,
    "writeAccess": _SWITCH, "expiration": st.just("never"),
}  # fmt: skip
_VNC = {"enabled": _ON, "port": _NUMBER, "ip": _ODD, "keymap": _ODD, "password": _ODD, "key": _ODD}
_DOMAIN = {
    "memsize": st.sampled_from(["4", "512", "513", "3572", "1048576"]), "numvcpus": st.sampled_from(["1", "2", "6"]),
    "cpuid.coresPerSocket": _NUMBER, "sched.mem.max": _NUMBER | st.just("unlimited"), "sched.mem.minsize": _NUMBER,
    "sched.cpu.shares": _NUMBER | st.sampled_from(["low", "normal", "HIGH"]),
    "sched.cpu.affinity": st.sampled_from(["all", "0,1,2", "2,1", "0-3", "odd", ""]),
    "firmware": st.sampled_from(["efi", "bios", "EFI", "odd", ""]), "uefi.secureBoot.enabled": _SWITCH, "nvram": _FILE,
    "vm.genid": _NUMBER, "vm.genidX": _NUMBER, "annotation": _ODD | st.sampled_from(["a|0Ab", "|22|7C", " x ", "|01"]),
    "guestOS": st.sampled_from(["other", "OTHER-64", "rhel7-64", "windows9srv-64", "darwin19-64", "-64", "odd"]) | _ODD,
    "uuid.bios": _UUID, "vc.uuid": _UUID, "uuid.action": st.just("keep"), "smbios.reflectHost": _SWITCH,
    "svga.vramSize": _NUMBER | st.just("8388608"), "svga.numDisplays": _NUMBER, "vtpm.present": _ON,
    "usb.present": _ON, "ehci.present": _ON, "usb_xhci.present": _ON, "usb.pciSlotNumber": _NUMBER,
    "ehci.pciSlotNumber": _NUMBER, "disk.EnableUUID": _SWITCH, "guestinfo.x": _ODD, "svga.autodetect": _SWITCH, "mks.enable3d": _SWITCH, "esxdriver.title": _ODD,
    "bios.bootOrder": st.lists(
        st.sampled_from(["hdd", "cdrom", "HDD", "floppy", "ethernet0", "ethernet5", "usb", ""]), max_size=5
    ).map(",".join),
    "bios.hddOrder": st.lists(st.sampled_from(["scsi0:0", "scsi0:1", "ide0:0", "x"]), max_size=4).map(",".join),
    "usb.autoConnect.device0": _ODD, ".encoding": st.sampled_from([
        "UTF-8", "windows-1252", "Shift_JIS", "windows-949-2000", "GBK", "Big5", "ibm-874", "GB18030", "KOI8-R",
    ]),
}  # fmt: skip

_DEVICES = {
    **{f"{bus}{n}.": _CONTROLLER for bus in ("scsi", "sata", "nvme") for n in (0, 1, 3, 4)},
    **{f"{bus}{n}:{u}.": _DISK for bus in ("scsi", "sata", "nvme") for n in (0, 1) for u in (0, 1, 7, 15, 16, 64, 65)},
    **{f"ide{n}:{u}.": _DISK for n in (0, 1, 2) for u in (0, 1, 2)},
    **{f"floppy{n}.": _DISK for n in (0, 1, 2)},
    **{f"ethernet{n}.": _NIC for n in (0, 1, 2, 5)},
    **{f"serial{n}.": _PORT for n in (0, 1, 3, 4)},
    **{f"parallel{n}.": _PORT for n in (0, 2, 3)},
    **{f"pciPassthru{n}.": _PCI for n in (0, 2, 30, 31)},
    **{f"sharedFolder{n}.": _FOLDER for n in (0, 2)},
    "RemoteDisplay.vnc.": _VNC,
    "": _DOMAIN,
}


@st.composite
def files(draw):
    """Draw the keys of a file: a few devices, each with most of its keys."""
    keys = {
        "config.version": "8",
        "virtualHW.version": draw(st.sampled_from(["4", "7", "10", "13", "14", "19", "21"])),
        "displayName": draw(st.sampled_from(["web", "a/b", "100%25", "|22q|22", "ü", "表", "한"])),
    }
    for prefix in draw(st.lists(st.sampled_from(sorted(_DEVICES)), max_size=8, unique=True)):
        table = _DEVICES[prefix]
        for name in draw(st.lists(st.sampled_from(sorted(table)), max_size=len(table), unique=True)):
            keys[prefix + name] = draw(table[name])
        if draw(st.booleans()) and "present" in table:
            keys[f"{prefix}present"] = "TRUE"
            controller = prefix.partition(":")[0]
            if ":" in prefix:
                keys[f"{controller}.present"] = "TRUE"
    return keys
