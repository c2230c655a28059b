"""What the driver looks for and nobody has saved: the way from the root to the machines, and what host it is.

Nothing is added to an object that was saved, but for the machines that no folder leads to. Source: vSphere API,
ServiceContent, AboutInfo, Folder, Datacenter, ComputeResource.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import libvirt
from lxml import etree

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.mapping.identity import unescaped
from esxdriver.errors import error
from esxdriver.recording.imported.objects import Objects, Ref, is_a, made, reference, references
from esxdriver.recording.scrub.secrets import local

SERVICE: Ref = ("ServiceInstance", "ServiceInstance")

# Members of the ServiceContent without which nothing can be asked.
_SERVICES = {
    "rootFolder": "Folder",
    "propertyCollector": "PropertyCollector",
    "sessionManager": "SessionManager",
    "searchIndex": "SearchIndex",
    "perfManager": "PerformanceManager",
    "viewManager": "ViewManager",
    "authorizationManager": "AuthorizationManager",
}
_PRODUCTS = {"HostAgent": ("esx", "VMware ESXi"), "VirtualCenter": ("vcenter", "VMware vCenter Server")}
_API_TYPES = {short: api for api, (short, _) in _PRODUCTS.items()}
PRODUCTS = tuple(_API_TYPES)


@dataclass(frozen=True)
class About:
    """What host it is, as far as somebody says so; ``product`` is one of :data:`PRODUCTS`."""

    product: str = ""
    version: str = ""
    build: str = ""


def complete(objects: Objects, said: About) -> None:
    """Add what is missing. Raises CONF_SYNTAX where neither the source nor ``said`` tells what host it is."""
    content = objects.value(SERVICE, "content")
    members = [] if content is None else list(content)
    if not any(local(each) == "about" for each in members):
        members.append(_about(objects, said))
    present = {local(each) for each in members}
    members += [reference(name, (kind, f"imported-{name}")) for name, kind in _SERVICES.items() if name not in present]
    objects.put(SERVICE, "content", made("val", *members, kind="ServiceContent"))
    _lead_to_machines(objects)


def about(objects: Objects) -> dict[str, str]:
    """Return what the host says of itself, by the names of ``AboutInfo``."""
    content = objects.value(SERVICE, "content")
    found = [] if content is None else [each for each in content if local(each) == "about"]
    return {local(each): each.text or "" for each in found[0]} if found else {}


def _about(objects: Objects, said: About) -> etree._Element:
    """Return an ``about`` by what is said, else by what the hosts say of themselves."""
    hosts = [product for ref in objects.of_kind("HostSystem") for product in _of_host(objects, ref)]
    host = hosts[0] if hosts else {}
    api_type = _API_TYPES.get(said.product) or _guessed(objects)
    short, name = _PRODUCTS[api_type]
    version = said.version or host.get("version", "")
    if not version:
        raise error(
            libvirt.VIR_ERR_CONF_SYNTAX,
            "the source does not say what host it is of: say so, with --product, --version and --build",
        )
    build = said.build or (host.get("build", "") if short == "esx" else "")
    fields = {
        "name": name,
        "fullName": f"{name} {version}" + (f" build-{build}" if build else ""),
        "vendor": "VMware, Inc.",
        "version": version,
        "build": build,
        "productLineId": "vpx" if short == "vcenter" else host.get("productLineId", "embeddedEsx"),
        "apiType": api_type,
        "apiVersion": host.get("apiVersion", version) if not said.version else version,
    }
    if short == "esx" and host and not said.version:
        fields |= {key: host[key] for key in ("name", "fullName") if key in host}
    return made("about", *(made(key, text) for key, text in fields.items() if text))


def _of_host(objects: Objects, ref: Ref) -> Iterator[dict[str, str]]:
    product = objects.value(ref, "config.product")
    if product is not None:
        yield {local(each): each.text or "" for each in product}


def _guessed(objects: Objects) -> str:
    """Return the type of the API by the IDs of machines: an ESX host's are numbers."""
    names = [name for _, name in objects.of_kind("VirtualMachine", "HostSystem")]
    return (
        "HostAgent" if names and all(name.isdecimal() or name.startswith("ha-") for name in names) else "VirtualCenter"
    )


def _root(objects: Objects) -> Ref:
    return next(iter(objects.refs(SERVICE, "content.rootFolder")), ("Folder", "imported-rootFolder"))


def _lead_to_machines(objects: Objects) -> None:
    """Let folders lead from the root to each datacenter, machine and host that was saved."""
    root = _root(objects)
    datacenter = _datacenter(objects, root)
    for ref in objects.of_kind("VirtualMachine"):
        if not objects.text(ref, "name") and (name := objects.value(ref, "config.name")) is not None:
            objects.put(ref, "name", name)  # the same text, by the schema
    reached = set(_below(objects, root))
    for path, kinds in (("vmFolder", ("VirtualMachine",)), ("hostFolder", ("ComputeResource",))):
        _extend(objects, _folder(objects, datacenter, path), [r for r in objects.of_kind(*kinds) if r not in reached])
    if not objects.of_kind("Datastore"):
        _add_datastores(objects)
    computers = objects.of_kind("ComputeResource")
    if not computers:
        _add_computer(objects, datacenter)
        return
    for path, kind in (("host", "HostSystem"), ("network", "Network"), ("datastore", "Datastore")):
        # A recording has what was asked of a computing resource, and it was not asked for what answers had anyway.
        if not any(objects.refs(each, path) for each in computers):
            objects.put(computers[0], path, references(objects.of_kind(kind)))


def _datacenter(objects: Objects, root: Ref) -> Ref:
    """Return a datacenter; the root leads to each that was saved, or to a new one."""
    found = objects.of_kind("Datacenter")
    new: Ref = ("Datacenter", "ha-datacenter")
    if not found:
        objects.put(new, "name", made("val", "ha-datacenter", kind="xsd:string"))
        objects.put(new, "parent", reference("val", root))
        objects.put(root, "childEntity", references([new]))
        return new
    if not any(is_a(ref[0], "Datacenter") for ref in _below(objects, root)):
        _extend(objects, root, found)
    return max(found, key=lambda ref: sum(is_a(each[0], "VirtualMachine") for each in _below(objects, ref)))


def _folder(objects: Objects, datacenter: Ref, path: str) -> Ref:
    """Return a datacenter's folder, which is made where it was not saved."""
    known = objects.refs(datacenter, path)
    folder = known[0] if known else ("Folder", f"imported-{path}")
    if not known:
        objects.put(datacenter, path, reference("val", folder))
    for name, value in (
        ("name", made("val", path.removesuffix("Folder"), kind="xsd:string")),
        ("parent", reference("val", datacenter)),
    ):
        objects.put(folder, name, value, only_new=True)
    return folder


def _extend(objects: Objects, folder: Ref, refs: list[Ref]) -> None:
    if refs:
        objects.put(folder, "childEntity", references([*objects.refs(folder, "childEntity"), *refs]))


def _add_computer(objects: Objects, datacenter: Ref) -> None:
    """Add what the hosts are part of: those that were saved, or else those that machines run on."""
    computer: Ref = ("ComputeResource", "imported-computer")
    hosts = objects.of_kind("HostSystem") or objects.mentioned("HostSystem")
    objects.put(computer, "name", made("val", "imported", kind="xsd:string"))
    objects.put(computer, "host", references(hosts))
    objects.put(computer, "network", references(objects.of_kind("Network")))
    objects.put(computer, "datastore", references(objects.of_kind("Datastore")))
    folder = _folder(objects, datacenter, "hostFolder")
    objects.put(computer, "parent", reference("val", folder))
    _extend(objects, folder, [computer])


def _add_datastores(objects: Objects) -> None:
    """Add the datastores that machines name: with their URLs, where a machine says them."""
    urls: dict[str, etree._Element | None] = {}
    for ref in objects.of_kind("VirtualMachine"):
        config = objects.value(ref, "config")
        for element in () if config is None else config.iter():
            members = {local(each): each for each in element} if local(element) == "datastoreUrl" else {}
            if {"name", "url"} <= members.keys():
                urls[members["name"].text or ""] = members["url"]
            elif not len(element) and (path := DatastorePath.parse(element.text or "")) is not None:
                urls.setdefault(path.datastore, None)
    for number, (name, url) in enumerate(sorted(urls.items()), 1):
        named = made("val", name, kind="xsd:string")
        datastore: Ref = ("Datastore", f"imported-datastore{number}")
        objects.put(datastore, "name", named)
        objects.put(datastore, "summary.name", named)
        if url is not None:
            objects.put(datastore, "summary.url", made("val", url.text or "", kind="xsd:string"))


# The properties that lead from a container to what is in it.
_INSIDE = ("childEntity", "vmFolder", "hostFolder", "vm")


def _below(objects: Objects, root: Ref) -> Iterator[Ref]:
    """Yield the objects to which folders lead from one, itself included."""
    waiting, seen = [root], {root}
    while waiting:
        here = waiting.pop()
        yield here
        for path in _INSIDE if not is_a(here[0], "VirtualMachine") else ():
            new = [ref for ref in objects.refs(here, path) if ref not in seen]
            seen.update(new)
            waiting += new


def path_of(objects: Objects) -> tuple[list[str], int]:
    """Return the path of a ``vpx`` URI to the datacenter with the most machines, and how many there are elsewhere."""
    root = _root(objects)
    machines = {ref: _machines(objects, ref) for ref in objects.of_kind("Datacenter")}
    datacenter = max(machines, key=lambda ref: len(machines[ref]))
    names: list[str] = []
    here, seen = datacenter, {root}
    while here not in seen:
        seen.add(here)
        names.insert(0, unescaped(objects.text(here, "name")))
        here = next(iter(objects.refs(here, "parent")), root)
    return names, len(_machines(objects, root) - machines[datacenter])


def _machines(objects: Objects, root: Ref) -> set[Ref]:
    return {ref for ref in _below(objects, root) if is_a(ref[0], "VirtualMachine")}
