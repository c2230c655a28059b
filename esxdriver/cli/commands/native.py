"""VMX files to domain XML and back, one or thousands, with or without a host."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from esxdriver.cli import complete, terminal
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import CommandFailed, failing_with, tell
from esxdriver.cli.files import decoded_xml, make_directory, read, spoken, write
from esxdriver.cli.progress import tracked
from esxdriver.cli.target import Target

if TYPE_CHECKING:
    from esxdriver.vmx import Paths

commands = Commands()

_Convert = Callable[[bytes, str], str | bytes]  # of what was read, and from where

_FORMAT = argument("native_format", metavar="FORMAT", names=["--format"])
_FILES = argument(
    "files", metavar="FILE...", nargs=-1, required=True, names=["--config"], shell_complete=complete.files
)
_DOCUMENTS = argument("files", metavar="FILE...", nargs=-1, names=["--xml"], shell_complete=complete.files)
_OUTPUT_DIR = click.option(
    "--output-dir",
    shell_complete=complete.directories,
    type=click.Path(file_okay=False, path_type=Path),
    help="Write each file's outcome here, under its name.",
)
_VMX_PATH = click.option("--vmx-path", metavar="PATH", help="Where the VMX file lies: '[datastore] directory/web.vmx'.")
_LEGACY = click.option("--legacy-uuid", is_flag=True, help="<uuid> is the BIOS UUID, as before libvirt 12.4.")


@commands.command("domxml-from-native")
@_FORMAT
@_FILES
@_VMX_PATH
@click.option("--disk-mode", type=click.Choice(["attributes", "elements", "libvirt"]), default="attributes",
              show_default=True, help="How disk modes are spelled.")  # fmt: skip
@_LEGACY
@_OUTPUT_DIR
@click.pass_obj
def from_native(
    target: Target,
    *,
    native_format: str,
    files: tuple[str, ...],
    vmx_path: str | None,
    disk_mode: str,
    legacy_uuid: bool,
    output_dir: Path | None,
) -> None:
    """Show the domain XML of VMX files.

    FORMAT is vmware-vmx; FILE may be - for the standard input. No host is needed: with -c, volumes are named as that
    host's datastores. Several files need --output-dir.
    """
    from esxdriver.conf.domain.style import Style
    from esxdriver.conf.mapping.enums import DiskModeXML
    from esxdriver.driver.native import xml_from_native

    style = Style(DiskModeXML(disk_mode), legacy_uuid=legacy_uuid)
    paths = _paths(target, vmx_path)
    _convert(files, output_dir, ".xml", lambda data, _: xml_from_native(native_format, data, style, paths))


@commands.command("domxml-to-native")
@_FORMAT
@_DOCUMENTS
@click.option(
    "--domain", metavar="DOMAIN", help="A domain of the host instead of files.", shell_complete=complete.domains
)
@_VMX_PATH
@click.option("--hw-version", type=click.IntRange(min=4), metavar="N", help="The hardware version, as 19.")
@_LEGACY
@_OUTPUT_DIR
@click.pass_obj
def to_native(
    target: Target,
    *,
    native_format: str,
    files: tuple[str, ...],
    domain: str | None,
    vmx_path: str | None,
    hw_version: int | None,
    legacy_uuid: bool,
    output_dir: Path | None,
) -> None:
    """Show the VMX text of domain XML.

    FORMAT is vmware-vmx; FILE may be - for the standard input. No host is needed: with -c, datastores become that
    host's volumes. Several files need --output-dir. --domain converts a domain of the host, its passwords too. A file
    is written in the encoding that it names, a terminal shows text.
    """
    from esxdriver.conf.domain.style import Style
    from esxdriver.driver.native import file_from_xml, native_from_xml

    if (domain is not None) is bool(files):
        raise click.UsageError("name FILE or give --domain")
    style, paths = Style(legacy_uuid=legacy_uuid), _paths(target, vmx_path)
    made = native_from_xml if output_dir is None and sys.stdout.isatty() else file_from_xml
    if domain is not None:
        with failing_with(f"Failed to convert domain '{domain}'"):
            terminal.write(made(native_format, _xml_of(target, domain), style, paths, hw_version))
        return
    _convert(
        files,
        output_dir,
        ".vmx",
        lambda data, file: made(native_format, decoded_xml(data, file), style, paths, hw_version),
    )


def _xml_of(target: Target, domain: str) -> str:
    import libvirt

    return target.domain(domain).XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_INACTIVE)


def _paths(target: Target, vmx_path: str | None) -> "Paths":
    """Return how file names are translated: by a host's datastores only where one is named."""
    from dataclasses import replace

    from esxdriver.vmx import Paths

    if target.uri is None and target.replay is None:
        return Paths(vmx_path)
    return replace(target.connect().backend.paths(), vmx_path=vmx_path)


def _convert(files: tuple[str, ...], output_dir: Path | None, ending: str, convert: _Convert) -> None:
    if output_dir is None:
        if len(files) > 1:
            raise click.UsageError("several files need --output-dir")
        with failing_with(f"Failed to convert {spoken(files[0])}"):
            terminal.write(convert(_data(files[0]), files[0]))
        return
    make_directory(output_dir)
    outcomes = _outcomes(files, output_dir, ending)
    refused = sum(not _converted(file, outcomes[file], convert) for file in tracked(files, "Converting"))
    if refused:
        raise CommandFailed(f"{refused} of {len(files)} files were not converted")


def _outcomes(files: tuple[str, ...], output_dir: Path, ending: str) -> dict[str, Path]:
    """Return the path of each file's outcome. Raises CommandFailed when two would have the same."""
    outcomes = {file: output_dir / (Path(file).stem + ending) for file in files}
    meant: dict[str, str] = {}
    for file, path in outcomes.items():
        other = meant.setdefault(path.name.lower(), file)
        if other != file:
            raise CommandFailed(
                f"'{other}' and '{file}' would both be written to '{path}': convert them into different directories"
            )
    return outcomes


def _converted(file: str, outcome: Path, convert: _Convert) -> bool:
    """Convert one of several files; say on stderr why one could not be, and go on with the next."""
    try:
        with failing_with(f"Failed to convert {file}"):
            made = convert(_data(file), file)
        written = made if isinstance(made, bytes) else made.encode()
        write(outcome, written, secret=True)  # passwords of VNC servers are in it
    except CommandFailed as error:
        tell(*error.lines)
        return False
    return True


def _data(file: str) -> bytes:
    """Return a file's bytes, at most one more than the parser takes: it refuses a larger file."""
    from esxdriver.vmx.text import LARGEST_FILE

    return read(file, 4 * LARGEST_FILE)
