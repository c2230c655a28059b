"""``pool-event`` and ``net-event``: commands that wait until the host reports something of pools or networks."""

from functools import partial
from typing import Any

import click

from esxdriver.cli import complete
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.event_loop import NETWORKS, POOLS, event_options, wait_for
from esxdriver.cli.networks import find_network
from esxdriver.cli.storage import find_pool
from esxdriver.cli.target import Target

commands = Commands()


@commands.command("pool-event")
@argument("pool", required=False, shell_complete=complete.pools)
@argument("kind", required=False, metavar="[EVENT]", names=["--event"])
@event_options
@click.pass_obj
def pool_event(target: Target, /, pool: str | None, **options: Any) -> None:
    """Wait for events of storage pools, and show them; of one POOL, or of all.

    Give --all, which virsh has for domains alone, or the kind of EVENT as --event KIND. Without --loop, the first one
    ends it. It fails when none has come, and when the host is lost meanwhile.
    """
    wait_for(POOLS, partial(target.connected, "pool", pool, find_pool), **options)


@commands.command("net-event")
@argument("network", required=False, shell_complete=complete.networks)
@argument("kind", required=False, metavar="[EVENT]", names=["--event"])
@event_options
@click.pass_obj
def net_event(target: Target, /, network: str | None, **options: Any) -> None:
    """Wait for events of networks, and show them; of one NETWORK, or of all.

    Give --all, which virsh has for domains alone, or the kind of EVENT as --event KIND. Without --loop, the first one
    ends it. It fails when none has come, and when the host is lost meanwhile.
    """
    wait_for(NETWORKS, partial(target.connected, "network", network, find_network), **options)
