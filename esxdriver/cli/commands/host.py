"""Looking at the host, and at the certificate it shows."""

from typing import TYPE_CHECKING, cast

import click

from esxdriver import __version__
from esxdriver.cli import table, terminal
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.target import Target
from esxdriver.cli.terminal import printable
from esxdriver.cli.xpath import Show, xpath_options

if TYPE_CHECKING:
    import ssl

    from esxdriver.uri import ConnectURI

commands = Commands()


@commands.command()
@click.pass_obj
def hostname(target: Target) -> None:
    """Show the host's name."""
    conn = target.connect()
    with failing_with("failed to get hostname"):
        click.echo(printable(conn.getHostname()))


@commands.command()
@click.pass_obj
def nodeinfo(target: Target) -> None:
    """Show the host's CPUs and memory."""
    conn = target.connect()
    with failing_with("failed to get node information"):
        model, memory, cpus, mhz, nodes, sockets, cores, threads = conn.getInfo()
    fields = {
        "CPU model": model,
        "CPU(s)": cpus,
        "CPU frequency": f"{mhz} MHz",
        "CPU socket(s)": sockets,
        "Core(s) per socket": cores,
        "Thread(s) per core": threads,
        "NUMA cell(s)": nodes,
        "Memory size": f"{memory * 1024} KiB",
    }
    table.show_fields(fields, column=21)


@commands.command()
@xpath_options
@click.pass_obj
def capabilities(target: Target, /, show: Show) -> None:
    """Write what the host can run, as libvirt's XML."""
    conn = target.connect()
    with failing_with("failed to get capabilities"):
        show(conn.getCapabilities())


@commands.command()
@click.option("--virttype", metavar="TYPE", help="A type of domains: there is vmware only.")
@click.option("--emulatorbin", metavar="PATH", help="What runs domains: there is one only.")
@click.option("--arch", help="The guest's architecture: x86_64 or i686.")
@click.option("--machine", metavar="TYPE", help="A machine type, as vmx-19; else the one that the host chooses.")
@xpath_options
@click.pass_obj
def domcapabilities(
    target: Target, /, virttype: str | None, emulatorbin: str | None, arch: str | None, machine: str | None, show: Show
) -> None:
    """Write what a domain may have on this host: buses, models, firmware, limits."""
    conn = target.connect()
    with failing_with("failed to get emulator capabilities"):
        show(conn.getDomainCapabilities(emulatorbin, arch, machine, virttype))


@commands.command("cpu-models")
@argument("arch")
@click.pass_obj
def cpu_models(target: Target, /, arch: str) -> None:
    """List the CPU models of an architecture; ESX has none to choose from."""
    conn = target.connect()
    with failing_with("failed to get CPU model names"):
        for name in conn.getCPUModelNames(arch):
            click.echo(printable(name))


@commands.command()
@click.pass_obj
def sysinfo(target: Target) -> None:
    """Write what the host's firmware says of it, as libvirt's XML."""
    conn = target.connect()
    with failing_with("failed to get sysinfo"):
        terminal.write(conn.getSysinfo())


@commands.command()
@click.pass_obj
def uri(target: Target) -> None:
    """Show the URI of the connection; it never holds a password."""
    click.echo(printable(target.connect().getURI()))


@commands.command()
@click.pass_obj
def version(target: Target) -> None:
    """Show the versions of libvirt, driver and host."""
    conn = target.connect()
    with failing_with("failed to get the version"):
        library, host, kind = _dotted(conn.getLibVersion()), _dotted(conn.getVersion()), conn.getType()
    click.echo(f"Using library: libvirt {library}")
    click.echo(f"Using API: {kind} {library}")
    click.echo(f"Using driver: esxdriver {__version__}")
    click.echo(f"Running hypervisor: {kind} {host}")


def _dotted(number: int) -> str:
    return f"{number // 1000000}.{number // 1000 % 1000}.{number % 1000}"


@commands.command()
@click.option("--pem", is_flag=True, help="The certificate itself, for cacert=FILE.")
@click.pass_obj
def certificate(target: Target, pem: bool) -> None:
    """Show the SHA-256 of the host's certificate.

    It is the one that whoever answers at the URI of -c shows now. Compare it with what the host's own console says
    (openssl x509 -noout -fingerprint -sha256 -in /etc/vmware/ssl/rui.crt), then connect with thumbprint=... in the
    URI. Nobody logs in.
    """
    import ssl

    from esxdriver.uri import parse
    from esxdriver.vsphere.wire.http import fingerprint

    with failing_with("failed to get the certificate"):
        shown = _shown_certificate(parse(target.live_uri()))
    click.echo(ssl.DER_cert_to_PEM_cert(shown) if pem else fingerprint(shown), nl=not pem)


def _shown_certificate(where: "ConnectURI") -> bytes:
    """Return the certificate (DER), which is not verified. Raises CommandFailed over plain HTTP."""
    from dataclasses import replace

    from esxdriver.vsphere.wire.faults import translated
    from esxdriver.vsphere.wire.http import live

    if where.transport == "http":
        raise CommandFailed("failed to get the certificate", "plain HTTP (transport=http) shows none")
    with translated("cannot connect"):
        connection = live(replace(where, no_verify=True, thumbprint=None, cacert=None))()
        connection.connect()
    try:
        secure = cast("ssl.SSLSocket", connection.sock)
        return secure.getpeercert(binary_form=True) or b""
    finally:
        connection.close()
