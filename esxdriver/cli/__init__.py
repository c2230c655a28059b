"""The command line: virsh's commands, options and layouts over libvirt-python's methods.

How it works:

1. :data:`SECTIONS` names every command and the module of ``commands/`` that has it. ``group`` imports that module when
   the command is asked for, and nothing but click is imported where a module begins: help and completion are quick.
2. The options before the command become a ``target.Target``. A command asks it for a connection or a domain; the
   connection is logged out when the command ends, or the last of several (``commands/shell``).
3. An argument may be given by its name, too (``arguments``). Options that are flags of libvirt's stand in the tables of
   ``flags``: the driver, not the command, decides which of them ESX can do.
4. What goes wrong is reported by ``failures`` and becomes the exit status: 0 done, 1 failed, 2 no such command line,
   130 interrupted. A domain that could not be read makes it 1 as well (``left_out``).
5. Text of strangers reaches a terminal through ``terminal`` and ``table`` alone, which escape what would steer it.
6. Files are written by ``files``: whole, or not at all.
"""

import gc
import sys
from dataclasses import replace

import click

from esxdriver import __version__
from esxdriver.cli import terminal
from esxdriver.cli.group import LazyGroup
from esxdriver.cli.target import Target

# Section of the help, module, its commands.
SECTIONS = (
    ("Look at domains", "domain_list", "list"),
    ("Look at domains", "domain_info", "dominfo domstate domid domuuid domname domblklist"),
    ("Look at domains", "domain_dump", "dumpxml domstats"),
    ("Look at domains", "domain_guest", "domifaddr domhostname domfsinfo guestinfo"),
    ("Look at domains", "domain_counters", "domiflist domblkinfo domblkstat domifstat dommemstat cpu-stats"),
    ("Look at domains", "domain_event", "event await"),
    ("Look at domains", "top", "top"),
    ("Define domains", "domain_define", "define create register autostart domrename"),
    ("Define domains", "domain_undefine", "undefine"),
    (
        "Define domains",
        "domain_define",
        "setmem setmaxmem setvcpus blockresize",
    ),
    ("Define domains", "domain_clone", "clone"),
    ("Define domains", "domain_edit", "edit desc metadata"),
    ("Define domains", "domain_tuning", "schedinfo memtune vcpucount"),
    ("Change devices", "domain_devices", "attach-device detach-device update-device"),
    ("Change devices", "domain_disks", "attach-disk detach-disk change-media"),
    ("Change devices", "domain_interfaces", "attach-interface detach-interface domif-setlink domif-getlink"),
    (
        "Run domains",
        "domain_power",
        "start shutdown reboot reset suspend resume destroy",
    ),
    ("Run domains", "domain_power", "managedsave managedsave-remove"),
    ("Run domains", "domain_migrate", "migrate"),
    ("Run domains", "domain_console", "screenshot send-key vncdisplay domdisplay"),
    ("Look at domains", "diskmodes", "diskmodes"),
    ("Look at domains", "carry", "carry"),
    ("Snapshots", "snapshot_change", "snapshot-create snapshot-create-as snapshot-revert snapshot-delete"),
    ("Snapshots", "snapshot_list", "snapshot-list snapshot-info snapshot-dumpxml snapshot-current snapshot-parent"),
    (
        "Look at the host",
        "host",
        "hostname nodeinfo capabilities domcapabilities cpu-models sysinfo uri version certificate",
    ),
    ("Look at the host", "host_counters", "nodecpumap nodecpustats nodememstats freecell maxvcpus"),
    ("Look at the host", "node_device", "nodedev-list nodedev-dumpxml nodedev-info"),
    ("Storage", "pool", "pool-list pool-info pool-dumpxml pool-name pool-uuid pool-autostart pool-refresh"),
    ("Storage", "place_event", "pool-event"),
    ("Storage", "volume", "vol-list vol-info vol-dumpxml vol-name vol-path vol-key vol-pool"),
    ("Storage", "volume_change", "vol-create vol-create-as vol-create-from vol-clone vol-resize vol-wipe vol-delete"),
    ("Storage", "volume_data", "vol-upload vol-download"),
    ("Networks", "network", "net-list net-info net-dumpxml net-name net-uuid net-dhcp-leases"),
    ("Networks", "place_event", "net-event"),
    ("Networks", "network_change", "net-define net-edit net-update net-undefine net-start net-destroy net-autostart"),
    ("Networks", "interface", "iface-list iface-dumpxml iface-name iface-mac"),
    ("Look at the host", "check_host", "check-host"),
    ("Record and replay", "record", "record cassette"),
    ("VMX files", "native", "domxml-from-native domxml-to-native"),
    ("The command line itself", "shell", "help shell"),
    ("The command line itself", "completion", "completion"),
    ("The command line itself", "manual", "manual"),
)

# Objects made between two collections. What is imported stays, and to look through it time and again would take a
# tenth of a short command's time; a long one is collected all the same.
_COLLECT_EVERY = 100_000


def _show_versions(ctx: click.Context, _param: click.Parameter, given: bool) -> None:
    if given and not ctx.resilient_parsing:
        from importlib.metadata import version

        names = ("libvirt-python", "pyvmomi", "lxml")
        click.echo(f"esxdriver {__version__}, " + ", ".join(f"{name} {version(name)}" for name in names))
        ctx.exit()


@click.group(
    "esxdriver",
    cls=LazyGroup,
    sections=SECTIONS,
    invoke_without_command=True,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="DOMAIN is an ID, a UUID or a name. 'esxdriver COMMAND --help' tells more.",
)
@click.option("-c", "--connect", "uri", metavar="URI", help="esx://HOST/ or vpx://VCENTER/DATACENTER/ to connect to.")
@click.option("--replay", metavar="FILE", help="Take the answers from a recording: no host is needed.")
@click.option("-r", "--readonly", is_flag=True, help="Refuse to change anything.")
@click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=terminal.be_quiet,
              help="Say nothing but what was asked for: no heads, no 'started'.")  # fmt: skip
@click.option("--debug", is_flag=True, help="Tell on stderr what is done, and where a bug is.")
@click.version_option(__version__, "-v", "--version", message="%(prog)s %(version)s")
@click.option("-V", is_flag=True, is_eager=True, expose_value=False, callback=_show_versions,
              help="Show the versions of what it stands on, too.")  # fmt: skip
@click.pass_context
def cli(ctx: click.Context, uri: str | None, replay: str | None, readonly: bool, debug: bool) -> None:
    """Manage VMware ESX hosts and vCenters with virsh's commands, every virtual disk's mode kept.

    Without -c the URI is $LIBVIRT_DEFAULT_URI. Passwords come from libvirt's auth.conf, from $GOVC_USERNAME and
    $GOVC_PASSWORD, or are asked for on the terminal.

    Several commands, separated by ';', use one session; without a command, a terminal gets a shell.
    """
    from esxdriver.cli.logs import show_logs

    show_logs(debug=debug)
    given = ctx.ensure_object(Target)  # a program that runs commands may have set it
    ctx.obj = replace(given, uri=uri, replay=replay, readonly=readonly)
    if ctx.invoked_subcommand is None:
        _converse(ctx)


def _converse(ctx: click.Context) -> None:
    """Without a command, read commands from the terminal; where there is none, say that one is missing."""
    if sys.stdin is None or not sys.stdin.isatty():
        ctx.fail("Missing command.")
    from esxdriver.cli.commands.shell import shell

    ctx.invoke(shell)


def main() -> None:
    """Run the command line; this is the installed ``esxdriver``."""
    from esxdriver.cli.process import be_tidy

    be_tidy()
    gc.set_threshold(_COLLECT_EVERY)
    try:
        sys.exit(cli())
    finally:
        gc.freeze()  # so that the collection at exit has nothing to look through
