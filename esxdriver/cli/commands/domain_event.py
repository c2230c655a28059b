"""``event`` and ``await``: commands that wait until the host reports something of domains."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import complete, terminal
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.event_loop import DOMAINS, event_options, listening, timeout_option, until, wait_for
from esxdriver.cli.failures import failing_with
from esxdriver.cli.target import Target, find

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()

_TIMED_OUT = 2  # the exit status of an await that has waited in vain


@commands.command()
@argument("domain", required=False, shell_complete=complete.domains)
@argument("kind", required=False, metavar="[EVENT]", names=["--event"])
@event_options
@click.pass_obj
def event(target: Target, /, domain: str | None, **options: Any) -> None:
    """Wait for events of domains, and show them; of one DOMAIN, or of all.

    Give --all, or the kind of EVENT as --event KIND. Without --loop, the first one ends it. It fails when none has
    come, and when the host is lost meanwhile.
    """
    wait_for(DOMAINS, partial(target.connected, "domain", domain, find), **options)


@commands.command("await")
@click.option("--condition", required=True, type=click.Choice(["domain-inactive", "guest-agent-available"]),
              help="What to wait for; the agent is VMware Tools.")  # fmt: skip
@timeout_option
@on_domain
def await_(domain: "Domain", condition: str, timeout: int | None) -> None:
    """Wait until a domain is shut off, or until VMware Tools run in it.

    The exit status is 2 when that has not come to pass by the timeout, or by Ctrl-C.
    """
    kind, is_met = _CONDITIONS[condition]
    with (
        failing_with(f"Failed to wait for domain '{domain.name()}'"),
        listening(DOMAINS, domain.connect(), domain, [kind]) as heard,
    ):
        if is_met(domain) or any(is_met(domain) for _ in until(heard, timeout, terminal.say)):
            return
    raise click.exceptions.Exit(_TIMED_OUT)


def _is_inactive(domain: "Domain") -> bool:
    return not domain.isActive()


def _has_tools(domain: "Domain") -> bool:
    import libvirt

    try:
        domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE)
    except libvirt.libvirtError as error:
        if error.get_error_code() in (libvirt.VIR_ERR_AGENT_UNRESPONSIVE, libvirt.VIR_ERR_OPERATION_INVALID):
            return False
        raise
    return True


# Each condition: the kind of event after which it may hold, and whether it does.
_CONDITIONS: dict[str, tuple[str, Callable[["Domain"], bool]]] = {
    "domain-inactive": ("lifecycle", _is_inactive),
    "guest-agent-available": ("agent-lifecycle", _has_tools),
}
