"""Reports of an audit to make pages of: ordinary ones, and those whose names are meant to do harm."""

from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.snapshot.audit import DiskReport, DomainReport, Finding, SnapshotReport

HOSTILE = [
    "<script>document.title = 'stolen'</script>",
    "\"><img src=x onerror=document.title='stolen'>",
    "safe\u202etxt.exe",
    "\u2066hidden\u2069",
    "x" * 5000,
    "long " * 500,
    "\x00\x1b[2J\r\n\ud800",
    "جهاز افتراضي",
    "",
]
MODES = [DiskMode.of("vim", name) for name in ("persistent", "independent_persistent", "independent_nonpersistent")]


def disk(domain, target, mode, source=None):
    findings = tuple(f for f, so in ((Finding.NOT_IN_SNAPSHOTS, not mode.snapshot), (Finding.CHANGES_LOST, not mode.persistent)) if so)  # fmt: skip
    source = f"[datastore1] {domain}/{target}.vmdk" if source is None else source
    return DiskReport(domain, "u", target, source, mode, mode.snapshot, mode.persistent, findings)


def domain(name, *, snapshots=0, datastore="datastore1", targets=("sda", "sdb", "sdc")):
    disks = tuple(disk(name, target, mode, f"[{datastore}] {name}/{target}.vmdk") for target, mode in zip(targets, MODES, strict=True))  # fmt: skip
    taken = tuple(
        SnapshotReport(f"{name} {number}", "why", number, 1_700_000_000, number == 1, number == snapshots - 1, disks)
        for number in range(snapshots)
    )
    return DomainReport(name, f"uuid of {name}", disks, taken)


def hostile():
    return [
        domain(name, snapshots=1 if number else 9, datastore=name, targets=[name, name, name])
        for number, name in enumerate(HOSTILE)
    ]
