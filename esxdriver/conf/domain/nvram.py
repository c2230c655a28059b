"""The file that holds a guest's UEFI variables: a datastore path in libvirt, a name beside the VMX file elsewhere."""

import posixpath

from esxdriver.conf.mapping.fields import Surface


class _Nvram:
    """``<nvram type='file'><source file=...>``, the form whose paths libvirt's schema lets be VMware's.

    The bare ``<nvram>path</nvram>`` is read, too. vSphere's option holds a name relative to the machine's own
    directory, or a path below ``/vmfs/volumes``.
    """

    def read(self, surface: Surface, path: str) -> str | None:
        if surface.kind == "xml":
            return surface.get(f"{path}/source/@file") or (surface.get(path) or "").strip() or None
        word = surface.get(path)
        home = surface.get("files.vmPathName") if surface.kind == "vim" else None
        if word and home and not posixpath.isabs(word) and not word.startswith("["):
            return _joined(home, word)
        return word or None

    def write(self, surface: Surface, path: str, value: str) -> None:
        if surface.kind == "xml":
            surface.put(f"{path}/@type", "file")
            surface.put(f"{path}/source/@file", value)
        elif surface.kind == "vim":
            surface.put(path, _relative(surface.get("files.vmPathName") or "", value))
        else:
            surface.put(path, value)


def _joined(home: str, name: str) -> str:
    """Return the path of a file beside ``home``; where that is in no datastore, there is no more than the name."""
    directory = posixpath.dirname(home)
    datastore, bracket, _ = home.partition("]")
    if directory:
        return f"{directory}/{name}"
    return f"{datastore}] {name}" if bracket else name


def _relative(home: str, value: str) -> str:
    if _directory(home) == _directory(value):
        return posixpath.basename(value).removeprefix("[").rpartition("] ")[2]
    datastore, bracket, path = value.removeprefix("[").partition("] ")
    return f"/vmfs/volumes/{datastore}/{path}" if bracket and value.startswith("[") else value


def _directory(path: str) -> str:
    """Return what tells directories apart, the top ones of two datastores, too."""
    datastore, bracket, rest = path.rpartition("]")
    return datastore + bracket + posixpath.dirname(rest.lstrip())


NVRAM = _Nvram()
