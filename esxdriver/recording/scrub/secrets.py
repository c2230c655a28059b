"""Which elements, options and texts hold something that must not be kept: tables, and how to read them.

Names are the schema's (https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/), collected from
every data object and method with a password, key, ticket, token, certificate, thumbprint or serial number.
"""

import re
from collections.abc import Iterator
from enum import Enum
from itertools import islice

from lxml import etree

from esxdriver.conf.mapping.option_secrets import SECRET_TEXTS, Secrecy, secrecy_of

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


class Kind(Enum):
    """What becomes of a value: ``consistent`` keeps equal values equal, ``wanted`` is searched for afterwards."""

    # the pair is: consistent, wanted
    SECRET = (False, True)  # passwords, tokens, private keys: no trace, not even of equality
    SESSION = (True, True)  # session keys and tickets: refs to them must still join
    IDENTITY = (True, False)  # licences, serial numbers, thumbprints, a vCenter's UUID
    PRIVATE = (False, False)  # certificates, and what guests and accounts say of themselves

    def __init__(self, consistent: bool, wanted: bool) -> None:
        self.consistent = consistent
        self.wanted = wanted


def _rows(kind: Kind, names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


# An element of this name, wherever it stands; also a property of this name in a PropertyCollector's answer.
ELEMENTS: dict[str, Kind] = {
    **_rows(
        Kind.SECRET,
        """password newPassword oldPassword adminPassword domainAdminPassword vimAccountPassword
        esxRootPassword datastorePrincipalPasswd chapSecret mutualChapSecret userSecretAttachToInitiator
        userSecretAttachToTarget secretKey keyData privateKey encryptionKey base64Token sspiToken
        delegatedTokenXml authToken trustVerificationToken verificationToken community""",
    ),
    **_rows(
        Kind.SESSION,
        "sessionID sessionId sessionCookie cloneTicket ticket serviceTicket passwordFilePath cfgFile",
    ),
    **_rows(
        Kind.IDENTITY,
        """licenseKey licenseKeys hostLicenseKey vsanLicenseKey esxLicense license licenseContent
        serialNumber identifierValue assetTag serviceTag enclosureSerialNumber moduleSerialNumber
        sslThumbprint sslThumbprints thumbprint serverThumbprint remoteCertificateThumbprint
        iScsiName nodeWorldWideName portWorldWideName nodeWwn portWwn npivNodeWorldWideName
        npivPortWorldWideName""",
    ),
    **_rows(
        Kind.PRIVATE,
        """certificate certificates certificatePem certificatePEM sslCertificate sslCertificates
        serverCertificate selfSignedCertificate sourceCertificate clientCert cert certs caCert kmsServerCerts
        base64Cert endorsementKeyCertificate endorsementKeyCertificateSigningRequest vimAccountName chapName
        mutualChapName""",
    ),
}

# The same for a name that is a secret only in one place: (type or name of the owner, name).
OWNED: dict[tuple[str, str], Kind] = {
    ("Login", "userName"): Kind.PRIVATE,
    # A machine's instanceUuid is its UUID in libvirt, so that one is left to the pseudonyms.
    ("about", "instanceUuid"): Kind.IDENTITY,
    ("AboutInfo", "instanceUuid"): Kind.IDENTITY,
    ("UserSession", "key"): Kind.SESSION,
    ("UserSession", "userName"): Kind.PRIVATE,
    ("UserSession", "fullName"): Kind.PRIVATE,
    ("UserSession", "ipAddress"): Kind.PRIVATE,
    ("SessionManagerLocalTicket", "userName"): Kind.SECRET,
    ("SessionManagerGenericServiceTicket", "id"): Kind.SESSION,
    ("AcquireCloneTicketResponse", "returnval"): Kind.SESSION,
    ("AcquireGenericServiceTicketResponse", "id"): Kind.SESSION,
    ("AcquireLocalTicketResponse", "userName"): Kind.PRIVATE,
    ("AcquireTicketResponse", "url"): Kind.SESSION,
    ("AcquireMksTicketResponse", "url"): Kind.SESSION,
    ("VirtualMachineTicket", "url"): Kind.SESSION,
    ("AcquireCimServicesTicketResponse", "sessionId"): Kind.SESSION,
    ("HttpNfcLeaseDeviceUrl", "url"): Kind.SESSION,
    ("deviceUrl", "url"): Kind.SESSION,
    ("InitiateFileTransferFromGuestResponse", "url"): Kind.SESSION,
    ("InitiateFileTransferToGuestResponse", "returnval"): Kind.SESSION,
    ("SAMLTokenAuthentication", "token"): Kind.SECRET,
    ("ServiceLocatorSAMLCredential", "token"): Kind.SECRET,
    ("NamePasswordAuthentication", "username"): Kind.PRIVATE,
    ("SSPIChallenge", "sessionID"): Kind.SESSION,
    ("password", "value"): Kind.SECRET,  # CustomizationPassword
    ("domainAdminPassword", "value"): Kind.SECRET,
    ("CustomizationPassword", "value"): Kind.SECRET,
    ("DecodeLicense", "licenseKey"): Kind.IDENTITY,
    ("GenerateCertificateSigningRequestResponse", "returnval"): Kind.PRIVATE,
    ("RetrieveClientCertResponse", "returnval"): Kind.PRIVATE,
}
# Every operation that answers with a session.
_LOGINS = (
    "Login",
    "LoginByToken",
    "LoginBySSPI",
    "LoginExtensionByCertificate",
    "LoginExtensionBySubjectName",
)
OWNED.update(
    {
        (f"{operation}Response", name): kind
        for operation in (*_LOGINS, "CloneSession", "ImpersonateUser")
        for (owner, name), kind in list(OWNED.items())
        if owner == "UserSession"
    }
)

_OF_OPTIONS = {Secrecy.SECRET: Kind.SECRET, Secrecy.PRIVATE: Kind.PRIVATE}

# Wherever it stands in a text; the group is what is replaced.
PATTERNS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile(r"session\[([^\[\]]{1,200})\]"), Kind.SESSION),
    (re.compile(r"\b([0-9A-Z]{5}(?:-[0-9A-Z]{5}){4})\b"), Kind.IDENTITY),  # a licence key
    (re.compile(r"\bserial:([\w-]{1,100})"), Kind.IDENTITY),  # of a host's USB device
    (re.compile(r"\b((?:[0-9A-Fa-f]{2}:){19,63}[0-9A-Fa-f]{2})\b"), Kind.IDENTITY),  # SHA-1 to SHA-512
    (re.compile(r"(-----BEGIN CERTIFICATE-----[^-]*+(?:-----END CERTIFICATE-----)?)"), Kind.PRIVATE),
    *((pattern, Kind.SECRET) for pattern in SECRET_TEXTS),
)

# Set on the answer to Fetch (which pyVmomi sends for each attribute) to tell which property it is.
FETCHED = "fetched"
_SIBLINGS = 16  # of a value: what tells its name stands near the beginning, and a hostile answer has thousands
_OPTION_NAMES = ("key", "id", "type")


def local(element: etree._Element) -> str:
    """Return the element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def type_of(element: etree._Element) -> str:
    """Return the local name of the element's ``xsi:type``, or nothing."""
    return element.get(XSI_TYPE, "").rpartition(":")[2]


def sibling(element: etree._Element, name: str) -> str:
    """Return the text of the first sibling of this name, or nothing."""
    parent = element.getparent()
    siblings = () if parent is None else islice(parent, _SIBLINGS)
    return next((other.text or "" for other in siblings if local(other) == name), "")


def label(element: etree._Element) -> str:
    """Return what the element's text is called: its own name, or that of the property whose value it is."""
    name = local(element)
    if path := _path(element, name):
        return _last_name(path)
    parent = element.getparent()
    if parent is not None and type_of(parent).startswith("ArrayOf"):
        return label(parent)
    return name


def _path(element: etree._Element, name: str) -> str:
    """Return the path of the property whose value an element is, or nothing."""
    return sibling(element, "name") if name == "val" else element.get(FETCHED, "")


def _last_name(path: str) -> str:
    """Return what a property path ends with, as ``device`` of ``config.hardware.device[4000]``."""
    return (path.rpartition("[")[0] if path.endswith("]") else path).rpartition(".")[2]


def title(element: etree._Element) -> str:
    """Return what to call an element in a message: the option whose value it is, else its label."""
    if label(element) in ("value", "defaultValue"):
        keys = (sibling(element, key) for key in _OPTION_NAMES)
        if key := next(filter(kind_of_option, keys), ""):
            return f"option {key}"
    return label(element)


def owners(element: etree._Element) -> Iterator[str]:
    """Yield the names by which ``OWNED`` may know the owner: types and names of the two elements above."""
    for above, _ in zip(element.iterancestors(), range(2), strict=False):
        yield type_of(above)
        yield local(above)


def kind_of(element: etree._Element) -> Kind | None:
    """Return what the tables say of a leaf element, or None when it may be kept."""
    name = label(element)
    if name in ELEMENTS:
        return ELEMENTS[name]
    if '["' in (path := _path(element, local(element))):
        return kind_of_option(path.partition('["')[2])
    if name in ("value", "defaultValue"):
        keys = (sibling(element, key) for key in _OPTION_NAMES)
        return next(filter(None, map(kind_of_option, keys)), None) or _owned(element, name)
    return _owned(element, name) if name in _OWNED_NAMES else None


def kind_of_option(key: str) -> Kind | None:
    """Return what becomes of the value of an OptionValue, KeyValue, vApp property or line of a VMX file."""
    secrecy = secrecy_of(key)
    return _OF_OPTIONS[secrecy] if secrecy else None


def _owned(element: etree._Element, name: str) -> Kind | None:
    return next((OWNED[owner, name] for owner in owners(element) if (owner, name) in OWNED), None)


_OWNED_NAMES = {name for _, name in OWNED}
