"""virsh's commands that are not here, by what ESX lacks for them: what is said to who tries one."""

import click

_BY_REASON = {
    "only QEMU and LXC have that": (
        "blkdeviotune blkiotune blockcommit blockcopy blockjob blockpull dom-fd-associate domblkthreshold "
        "domdirtyrate-calc domiftune domlaunchsecinfo domsetlaunchsecstate emulatorpin iothreadadd iothreaddel "
        "iothreadinfo iothreadpin iothreadset lxc-enter-namespace numatune perf qemu-agent-command qemu-attach "
        "qemu-monitor-command qemu-monitor-event send-process-signal setvcpu update-memory-device"
    ),
    "VMware Tools do that; libvirt's words for it are those of QEMU's agent": (
        "domfstrim domtime get-user-sshkeys guest-agent-timeout guestvcpus set-user-password set-user-sshkeys"
    ),
    "snapshot-create-as takes --quiesce, and freezes file systems by VMware Tools": "domfsfreeze domfsthaw",
    "a host ends and reports its tasks itself; Ctrl-C ends what waits for one": "domcontrol domjobabort domjobinfo",
    "ESX reports no faults of a domain's disks": "domblkerror",
    "a guest falls asleep by itself; 'suspend' and 'managedsave' are vSphere's suspension": "dompmsuspend dompmwakeup",
    "vSphere keeps a domain's memory beside it, not in a file of the client's: see 'suspend', 'managedsave' and "
    "'snapshot-create-as'": (
        "dump managedsave-define managedsave-dumpxml managedsave-edit restore save save-image-define "
        "save-image-dumpxml save-image-edit"
    ),
    "ESX connects serial ports to files, pipes and addresses, and has no console for clients": "console ttyconsole",
    "the API of a host has no words for it": "inject-nmi set-lifecycle-action",
    "vSphere decides how a move goes: see 'migrate'": (
        "migrate-compcache migrate-getmaxdowntime migrate-getspeed migrate-postcopy migrate-setmaxdowntime "
        "migrate-setspeed"
    ),
    "vSphere's scheduler places virtual CPUs: see 'vcpucount', 'cpu-stats' and 'schedinfo'": "vcpuinfo vcpupin",
    "devices have no aliases: see 'detach-device'": "detach-device-alias",
    "vSphere's names of CPUs are no models of libvirt's: see 'capabilities' and 'cpu-models'": (
        "cpu-baseline cpu-compare hypervisor-cpu-baseline hypervisor-cpu-compare"
    ),
    "an ESX host looks after its memory and its sleep itself": (
        "allocpages freepages node-memory-tune nodesevinfo nodesuspend"
    ),
    "no vSphere host has checkpoints: see 'snapshot-list'": (
        "checkpoint-create checkpoint-create-as checkpoint-delete checkpoint-dumpxml checkpoint-edit "
        "checkpoint-info checkpoint-list checkpoint-parent backup-begin backup-dumpxml"
    ),
    "interfaces of a host are changed on the host; its switches are networks: see 'net-define' and 'net-update'": (
        "iface-begin iface-bridge iface-commit iface-define iface-destroy iface-edit iface-rollback iface-start "
        "iface-unbridge iface-undefine"
    ),
    "no vSphere host has libvirt's network filters": (
        "nwfilter-binding-create nwfilter-binding-delete nwfilter-binding-dumpxml nwfilter-binding-list "
        "nwfilter-define nwfilter-dumpxml nwfilter-edit nwfilter-list nwfilter-undefine"
    ),
    "a switch stays until it is undefined: see 'net-define'": "net-create",
    "no vSphere host reports such events": "nodedev-event secret-event",
    "ports are those of a domain's cards: see 'domiflist'": (
        "net-port-create net-port-delete net-port-dumpxml net-port-list"
    ),
    "which devices domains may have is decided on the host: see 'nodedev-list'": (
        "nodedev-autostart nodedev-create nodedev-define nodedev-destroy nodedev-detach nodedev-reattach "
        "nodedev-reset nodedev-start nodedev-undefine"
    ),
    "no vSphere host has secrets of libvirt's": (
        "secret-define secret-dumpxml secret-get-value secret-list secret-set-value secret-undefine"
    ),
    "vSphere gives a snapshot no other name or description once it is taken, by libvirt's words": "snapshot-edit",
    "datastores are made, mounted and removed on the host: see 'pool-list'": (
        "find-storage-pool-sources find-storage-pool-sources-as pool-build pool-capabilities pool-create "
        "pool-create-as pool-define pool-define-as pool-delete pool-destroy pool-edit pool-start pool-undefine"
    ),
    "give the host by -c, once for all commands": "connect",
    "your own shell has it": "cd echo pwd",
    "it ends 'shell', and is no command of its own": "exit quit",
}
ABSENT = {name: reason for reason, names in _BY_REASON.items() for name in names.split()}
"""Why each of virsh's commands is not here that is not."""


def refuse(name: str) -> None:
    """Say why a command of virsh's is not here, if it is one of these."""
    if name in ABSENT:
        raise click.ClickException(f"no command '{name}': {ABSENT[name]}")
