"""What is seen and done at a domain's console."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from esxdriver.cli import complete, terminal
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.file_names import fitting
from esxdriver.cli.files import writing_to
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()

_ENDINGS = {"image/png": ".png"}
_FIRST_PORT = 5900  # of VNC's display 0


@commands.command()
@on_domain
@argument("file", required=False, shell_complete=complete.files)
@click.option("--screen", type=click.IntRange(min=0), default=0, help="Which screen: a domain of ESX's has one, 0.")
def screenshot(domain: "Domain", file: str | None, screen: int) -> None:
    """Write a picture of a running domain's screen to FILE, as PNG; without it, to one named by domain and time."""
    with failing_with(f"could not take a screenshot of {domain.name()}"):
        stream = domain.connect().newStream(0)
        mime = domain.screenshot(stream, screen)
        file = file or f"{fitting(domain.name())}-{_now()}{_ENDINGS.get(mime, '')}"
        with writing_to(file) as target:
            stream.recvAll(lambda _stream, data, _opaque: target.write(data), None)
            stream.finish()
    terminal.say(f"Screenshot saved to {file}, with type of {mime}")


def _now() -> str:
    import datetime as dt

    return dt.datetime.now().astimezone().strftime("%Y-%m-%d-%H:%M:%S")  # as virsh writes it


@commands.command()
@on_domain
def vncdisplay(domain: "Domain") -> None:
    """Show where a running domain's VNC console listens: its address, and the number of its display."""
    listen, port = _vnc(domain)
    click.echo(printable(f"{'' if listen == '0.0.0.0' else listen}:{port - _FIRST_PORT}"))  # noqa: S104 - any address


@commands.command()
@click.option("--type", "kind", help="A kind of console: on ESX there is vnc only.")
@click.option("--all", is_flag=True, expose_value=False, help="Every console: on ESX there is one at most.")
@click.option("--include-password", is_flag=True, help="With the console's password, where it has one.")
@on_domain
def domdisplay(domain: "Domain", kind: str | None, include_password: bool) -> None:
    """Show the URI of a running domain's VNC console."""
    if kind not in (None, "vnc"):
        raise CommandFailed(f"No graphical display with type '{kind}' found")
    listen, port = _vnc(domain)
    password = _password(domain) if include_password else ""
    host = domain.connect().getHostname() if listen in ("", "0.0.0.0") else listen  # noqa: S104 - any address
    click.echo(printable(f"vnc://{password and f':{password}@'}{host}:{port - _FIRST_PORT}"))


def _vnc(domain: "Domain") -> tuple[str, int]:
    """Return the address and the port of a running domain's console, which its document says."""
    from esxdriver.conf.xml.xpath import found

    with failing_with(f"Failed to get the console of domain '{domain.name()}'"):
        document, is_active = domain.XMLDesc(), domain.isActive()
    if not is_active:
        raise CommandFailed("Domain is not running")
    (port,), (listen,) = (found(document, f"string(//graphics[@type='vnc']/@{name})") for name in ("port", "listen"))
    if not port.isdecimal():
        raise CommandFailed("Failed to get VNC port. Is this domain using VNC?")
    return listen, int(port)


def _password(domain: "Domain") -> str:
    import libvirt

    from esxdriver.conf.xml.xpath import found

    with failing_with(f"Failed to get the console of domain '{domain.name()}'"):
        (password,) = found(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE), "string(//graphics[@type='vnc']/@passwd)")
    return password


@commands.command("send-key")
@on_domain
@click.option("--codeset", default="linux", show_default=True,
              help="Whose numbers the keys are: linux, xt, atset1, usb, win32 or qnum.")  # fmt: skip
@click.option("--holdtime", type=click.IntRange(min=0), default=0, metavar="MS",
              help="How long the keys are held: refused but for 0, vSphere lets them go at once.")  # fmt: skip
@argument("keycode", nargs=-1, required=True, shell_complete=complete.keys)
def send_key(domain: "Domain", codeset: str, holdtime: int, keycode: Sequence[str]) -> None:
    """Press keys: KEY_LEFTCTRL KEY_LEFTALT KEY_DELETE, or the codeset's numbers.

    Ctrl, Shift, Alt and Meta are held while the other keys are pressed, one after the other.
    """
    from esxdriver.conf.mapping.keycodes import CODESETS

    if codeset not in CODESETS:
        raise click.UsageError(f"unknown codeset: '{codeset}'")
    codes = [_number(codeset, key) for key in keycode]
    with failing_with(f"Failed to send keys to domain '{domain.name()}'"):
        domain.sendKey(CODESETS[codeset], holdtime, codes, len(codes))


def _number(codeset: str, key: str) -> int:
    from esxdriver.conf.mapping.keycodes import linux_keys

    known = linux_keys().get(key.removeprefix("KEY_")) if codeset == "linux" and key.startswith("KEY_") else None
    if known is not None:
        return known[0]
    try:
        return int(key, 0)
    except ValueError:
        raise CommandFailed(f"invalid keycode: '{key}'", "names are Linux's, as KEY_A") from None
