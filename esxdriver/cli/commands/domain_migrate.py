"""Moving domains to another host of their vCenter."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import terminal
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import failing_with
from esxdriver.cli.flags import MIGRATE, flag_options
from esxdriver.cli.progress import percentages

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()


@commands.command()
@on_domain
@argument("desturi", metavar="HOST")
@flag_options("VIR_MIGRATE_", MIGRATE)
@click.option("--direct", is_flag=True, expose_value=False, help="By vCenter itself: so it is anyway.")
@click.option("--verbose", is_flag=True, expose_value=False, help="Show how far it is: a terminal does so anyway.")
@click.option("--migrateuri", metavar="URI", help="vpxmigr://VCENTER/POOL/HOST instead of HOST, by their references.")
@click.option("--dname", metavar="NAME", help="Another name: refused, see domrename.")
@click.option("--bandwidth", type=int, default=0, metavar="MIB", help="How fast: refused, vCenter decides.")
def migrate(
    domain: "Domain", desturi: str, flags: int, migrateuri: str | None, dname: str | None, bandwidth: int
) -> None:
    """Move a domain to HOST, another host of its vCenter; its disks stay where they are.

    HOST is a host's name, or vpxmigr://VCENTER/POOL/HOST. vCenter is asked first whether it can be.
    """
    with failing_with(f"Failed to migrate domain '{domain.name()}'"), percentages("Migrating") as progress:
        uri = migrateuri or (desturi if "://" in desturi else domain.migrationURI(desturi))
        domain.migrateToURI(uri, flags, dname, bandwidth, progress=progress)
    terminal.say(f"Domain '{domain.name()}' migrated to {desturi}")
