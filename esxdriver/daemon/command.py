"""The command line of ``virtesxd``. Nothing but click is imported before it is known what to do."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from esxdriver import __version__

if TYPE_CHECKING:
    from esxdriver.daemon.config import Config

EXIT_FAILED = 1

_FILE = click.Path(path_type=Path)


@click.command("virtesxd", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("host", required=False)
@click.option("-c", "--connect", "uri", metavar="URI", help="Serve this host, besides those of the configuration.")
@click.option(
    "--stdio", is_flag=True, help="Serve the client on standard input alone, which is a socket: for esx+ext://."
)
@click.option("-f", "--config", "file", metavar="FILE", type=_FILE, help="Read this configuration, not the usual one.")
@click.option(
    "-t",
    "--timeout",
    metavar="SECONDS",
    type=click.IntRange(0),
    default=0,
    help="End when no client has been there for so long; 0, the default, is for ever.",
)
@click.option("-p", "--pid-file", metavar="FILE", type=_FILE, help="Write the process's ID there.")
@click.option("-v", "--verbose", is_flag=True, help="Log each call on stderr.")
@click.option("--install-units", metavar="DIR", type=_FILE, help="Write systemd's units there, and end.")
@click.option("--print-libvirt-conf", is_flag=True, help="Print lines for libvirt.conf, for virsh -c NAME, and end.")
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
@click.pass_context
def command(
    ctx: click.Context,
    host: str | None,
    uri: str | None,
    stdio: bool,
    file: Path | None,
    timeout: int,
    pid_file: Path | None,
    verbose: bool,
    install_units: Path | None,
    print_libvirt_conf: bool,
) -> None:
    """Serve ESX hosts and vCenters to every libvirt client, every virtual disk's mode kept.

    HOST is the default host: a name of the configuration, or a URI. The configuration is
    /etc/libvirt/virtesxd.conf, or ~/.config/libvirt/virtesxd.conf for a user other than root. Passwords come from
    libvirt's auth.conf or from $GOVC_USERNAME and $GOVC_PASSWORD.

    \b
    Clients of root's daemon connect to esx+unix:///system?mode=direct, of a
    user's own daemon to esx+unix:///session?mode=direct; for another host than
    the default one, ?host=NAME&mode=direct.
    """  # noqa: D301 - click's own mark
    import libvirt

    try:
        if install_units:
            _install_units(install_units)
            return
        if print_libvirt_conf:
            _print_libvirt_conf(_configured(file, uri, host))
            return
        from esxdriver.daemon import process

        process.serve(
            lambda: _configured(file, uri, host), stdio=stdio, timeout=timeout, pid_file=pid_file, verbose=verbose
        )
    except libvirt.libvirtError as error:
        click.echo(f"virtesxd: {error}", err=True)
        ctx.exit(EXIT_FAILED)


def main() -> None:
    """Run the daemon; this is the installed ``virtesxd``."""
    command(prog_name="virtesxd")


def _configured(file: Path | None, uri: str | None, host: str | None) -> "Config":
    """Return the configuration with what the command line adds. Raises CONF_SYNTAX, INVALID_ARG and NO_CONNECT."""
    from dataclasses import replace

    import libvirt

    from esxdriver import errors
    from esxdriver.daemon import config

    found = config.read(file)
    if uri:
        found = found.with_host(uri)
    if host and "://" in host:
        return found.with_host(host)
    if host and host not in found.hosts:
        known = ", ".join(sorted(found.hosts)) or "none"
        raise errors.error(libvirt.VIR_ERR_NO_CONNECT, f"the configuration has no host '{host}'; it has: {known}")
    return replace(found, default=host) if host else found


def _install_units(directory: Path) -> None:
    from esxdriver.daemon import units

    for path in units.install(directory, Path(sys.argv[0])):
        click.echo(path)


def _print_libvirt_conf(config: "Config") -> None:
    from esxdriver.daemon import units

    click.echo(units.libvirt_conf(config), nl=False)
