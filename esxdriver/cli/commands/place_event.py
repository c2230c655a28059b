"""``pool-event`` and ``net-event``: commands that wait until the host reports something of pools or networks."""

from typing import Any

import click

from esxdriver.cli import complete
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.event_loop import NETWORKS, POOLS, event_options, wait_for
from esxdriver.cli.failures import failing_with
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

    def connect() -> Any:
        conn = target.connect()
        if pool is None:
            return conn, None
        with failing_with(f"failed to get pool '{pool}'"):
            return conn, find_pool(conn, pool)

    wait_for(POOLS, connect, **options)


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

    def connect() -> Any:
        conn = target.connect()
        if network is None:
            return conn, None
        with failing_with(f"failed to get network '{network}'"):
            return conn, find_network(conn, network)

    wait_for(NETWORKS, connect, **options)
