"""Definitions, descriptions and metadata in an editor, or from the command line."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import terminal
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.device_xml import affecting
from esxdriver.cli.editor import edited
from esxdriver.cli.failures import failing_with

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()


@commands.command()
@on_domain
@click.option("--skip-validate", is_flag=True, help="Do not check the document against libvirt's schema first.")
def edit(domain: "Domain", skip_validate: bool) -> None:
    """Edit a domain's XML in $VISUAL or $EDITOR, and define it.

    What is refused is offered again, as you left it. Nothing is asked of the host when nothing has changed.
    """
    import libvirt

    from esxdriver.errors import error

    name, flags = domain.name(), libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_INACTIVE
    with failing_with(f"Failed to read domain '{name}'"):
        before = domain.XMLDesc(flags)
    validating = 0 if skip_validate else libvirt.VIR_DOMAIN_DEFINE_VALIDATE

    def define(text: str, valid: bool) -> None:
        if domain.XMLDesc(flags) != before:
            raise error(libvirt.VIR_ERR_OPERATION_FAILED, "the XML configuration was changed by another user")
        domain.connect().defineXMLFlags(text, validating if valid else 0)

    if edited(before, ".xml", define, may_skip=bool(validating)):
        terminal.say(f"Domain '{name}' XML configuration edited.")
    else:
        terminal.say(f"Domain '{name}' XML configuration not changed.")


@commands.command()
@on_domain
@argument("new_desc", nargs=-1, names=["--new-desc"])
@click.option("--title", is_flag=True, help="The title instead of the description.")
@click.option("--edit", "in_editor", is_flag=True, help="Edit it in $VISUAL or $EDITOR.")
@affecting
def desc(domain: "Domain", new_desc: tuple[str, ...], title: bool, in_editor: bool, flags: int) -> None:
    """Show or set a domain's description, or its title."""
    import libvirt

    kind = libvirt.VIR_DOMAIN_METADATA_TITLE if title else libvirt.VIR_DOMAIN_METADATA_DESCRIPTION
    what = "title" if title else "description"
    if not new_desc and not in_editor:
        terminal.write((_metadata(domain, kind, None, flags) or f"No {what} for domain: {domain.name()}") + "\n")
        return

    def set_it(text: str, _: bool = True) -> None:
        with failing_with(f"Failed to set new domain {what}"):
            domain.setMetadata(kind, text.removesuffix("\n"), None, None, flags)

    before = " ".join(new_desc) or _metadata(domain, kind, None, flags) or ""
    if in_editor and not edited(before, ".txt", set_it) and not new_desc:
        terminal.say(f"Domain {what} not changed")
        return
    if not in_editor:
        set_it(before)
    terminal.say(f"Domain {what} updated successfully")


def _metadata(domain: "Domain", kind: int, uri: str | None, flags: int) -> str | None:
    """Return metadata of a domain, None where there is none."""
    import libvirt

    try:
        return domain.metadata(kind, uri, flags)
    except libvirt.libvirtError as cause:
        if cause.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN_METADATA:
            return None
        raise


@commands.command()
@on_domain
@argument("uri")
@click.option("--key", metavar="PREFIX", help="The prefix of its namespace, for --set and --edit.")
@click.option("--set", "new", metavar="XML", help="Put this element there.")
@click.option("--remove", is_flag=True, help="Take it away.")
@click.option("--edit", "in_editor", is_flag=True, help="Edit it in $VISUAL or $EDITOR.")
@affecting
def metadata(
    domain: "Domain", uri: str, key: str | None, new: str | None, flags: int, *, remove: bool, in_editor: bool
) -> None:
    """Show or set a program's own element in a domain's XML.

    The element is known by its namespace URI.
    """
    import libvirt

    kind = libvirt.VIR_DOMAIN_METADATA_ELEMENT
    if (new is not None) + remove + in_editor > 1:
        raise click.UsageError("--set, --edit and --remove exclude each other")
    if (new is not None or in_editor) and not key:
        raise click.UsageError("namespace key is required when modifying metadata: --key")
    if new is None and not remove and not in_editor:
        with failing_with("Failed to get metadata"):
            terminal.write(domain.metadata(kind, uri, flags) + "\n")
        return

    def set_it(text: str | None, _: bool = True) -> None:
        domain.setMetadata(kind, text, key, uri, flags)

    if in_editor:
        changed = edited(_metadata(domain, kind, uri, flags) or "", ".xml", set_it)
        terminal.say("Metadata modified" if changed else "Metadata not changed")
        return
    with failing_with("Failed to set metadata"):
        set_it(None if remove else new)
    terminal.say("Metadata removed" if remove else "Metadata modified")
