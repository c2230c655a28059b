"""TLS as libvirt has it: clients with certificates, a greeting, and names as its lists write them."""

from typing import TYPE_CHECKING

import libvirt

from esxdriver import errors
from esxdriver.daemon.config import Config

if TYPE_CHECKING:
    import asyncio
    import ssl

GREETING = b"\1"  # what a TLS client waits for. Source: libvirt src/rpc/virnetserverclient.c

# Names of a certificate's fields as libvirt's lists have them.
_SHORT = {"countryName": "C", "stateOrProvinceName": "ST", "localityName": "L", "organizationName": "O",
          "organizationalUnitName": "OU", "commonName": "CN"}  # fmt: skip


def context(config: Config) -> "ssl.SSLContext":
    """Return the context that requires of clients a certificate of the configured authority. Raises SYSTEM_ERROR."""
    import ssl  # large, and most daemons have no TLS port

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.verify_mode = ssl.CERT_REQUIRED
    made.num_tickets = 0  # libvirt's client takes the first byte it is sent for the greeting
    try:
        made.load_cert_chain(config.cert_file, config.key_file)
        made.load_verify_locations(config.ca_file)
    except OSError as error:
        raise errors.error(
            libvirt.VIR_ERR_SYSTEM_ERROR,
            f"cannot use the certificates ({config.cert_file}, {config.key_file}, {config.ca_file}): {error.strerror}",
        ) from None
    return made


def distinguished_name(transport: "asyncio.BaseTransport") -> str:
    """Return whom a client's certificate is for, as libvirt writes it: ``C=GB,L=London,CN=client``."""
    certificate = transport.get_extra_info("peercert") or {}
    parts = [pair for group in certificate.get("subject", ()) for pair in group]
    return ",".join(f"{_SHORT.get(name, name)}={value}" for name, value in parts)
