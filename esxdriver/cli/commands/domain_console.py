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

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()

_ENDINGS = {"image/png": ".png"}


@commands.command()
@on_domain
@click.option("--file", shell_complete=complete.files, help="Where to; by default, by the domain's name and the time.")
@click.option("--screen", type=click.IntRange(min=0), default=0, help="Which screen: a domain of ESX's has one, 0.")
def screenshot(domain: "Domain", file: str | None, screen: int) -> None:
    """Write a picture of a running domain's screen to a file, as PNG."""
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


@commands.command("send-key")
@on_domain
@click.option("--codeset", default="linux", show_default=True,
              help="Whose numbers the keys are: linux, xt, atset1, usb or qnum.")  # fmt: skip
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
