"""The command line: virsh's verbs over the face.

A module of commands has a ``commands = click.Group()`` and a row in :data:`PLACES`. Nothing but click is imported
where a module begins: what a command needs is imported when it runs, so help and completion are quick.
"""

import gc
import sys
from dataclasses import replace

import click

from esxdriver import __version__
from esxdriver.cli.group import LazyGroup
from esxdriver.cli.target import Target

# Section of the help, module, its commands.
PLACES = (
    ("Look at domains", "domain_list", "list"),
    ("Look at domains", "domain_info", "dominfo domstate domid domuuid domname domblklist"),
    ("Look at domains", "domain_dump", "dumpxml domstats"),
    ("Look at domains", "domain_guest", "domifaddr domhostname domfsinfo guestinfo"),
    ("Look at domains", "domain_counters", "domiflist domblkinfo domblkstat domifstat dommemstat cpu-stats"),
    ("Define domains", "domain_define", "define undefine domrename setmem setmaxmem setvcpus"),
    ("Run domains", "domain_power", "start shutdown reboot reset suspend resume destroy"),
    ("Look at domains", "diskmodes", "diskmodes"),
    ("Snapshots", "snapshot_change", "snapshot-create snapshot-create-as snapshot-revert snapshot-delete"),
    ("Snapshots", "snapshot_list", "snapshot-list snapshot-info snapshot-dumpxml snapshot-current snapshot-parent"),
    ("Look at the host", "host", "hostname nodeinfo capabilities uri version certificate"),
    ("Look at the host", "host_counters", "nodecpustats nodememstats freecell maxvcpus"),
    ("Record and replay", "record", "record cassette"),
    ("VMX files", "native", "domxml-from-native domxml-to-native"),
    ("The command line itself", "completion", "completion"),
    ("The command line itself", "manual", "manual"),
)

# Objects made between two collections. What is imported stays, and to look through it time and again would take a
# tenth of a short command's time; a long one is collected all the same.
_COLLECT_EVERY = 100_000


@click.group(
    "esxdriver",
    cls=LazyGroup,
    places=PLACES,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="DOMAIN is an ID, a UUID or a name. 'esxdriver COMMAND --help' tells more.",
)
@click.option("-c", "--connect", "uri", metavar="URI", help="esx://HOST/ or vpx://VCENTER/DATACENTER/ to connect to.")
@click.option("--replay", metavar="FILE", help="Take the answers from a recording: no host is needed.")
@click.option("-r", "--readonly", is_flag=True, help="Refuse to change anything.")
@click.option("--debug", is_flag=True, help="Tell on stderr what is done, and where a bug is.")
@click.version_option(__version__, "--version", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, uri: str | None, replay: str | None, readonly: bool, debug: bool) -> None:
    """Manage VMware ESX hosts and vCenters with virsh's commands, every virtual disk's mode kept.

    Without -c the URI is $LIBVIRT_DEFAULT_URI. Passwords come from libvirt's auth.conf, from $GOVC_USERNAME and
    $GOVC_PASSWORD, or are asked for on the terminal.
    """
    from esxdriver.cli.logs import show_logs  # noqa: PLC0415

    show_logs(debug=debug)
    given = ctx.ensure_object(Target)  # a program that runs commands may have set it
    ctx.obj = replace(given, uri=uri, replay=replay, readonly=readonly)


def main() -> None:
    """Run the command line; this is the installed ``esxdriver``."""
    from esxdriver.cli.process import be_tidy  # noqa: PLC0415

    be_tidy()
    gc.set_threshold(_COLLECT_EVERY)
    try:
        sys.exit(cli())
    finally:
        gc.freeze()  # nothing of it is worth a last look
