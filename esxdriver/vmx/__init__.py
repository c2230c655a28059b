"""VMX files: bytes to text, text to keys, keys to a definition, and back. Pure: no I/O.

How it works:

1. **Bytes become text** by the ``.encoding`` they name (``encoding``), text becomes keys (``text``): a mapping of
   folded names to values that remembers each name's spelling and line.
2. **Keys become a definition.** The fields of the domain and of its devices are read by the mapping engine from a
   :class:`~esxdriver.vmx.surface.VmxSurface`, the keys below a prefix. What VMX spreads over several keys stands in
   a surface of the device's own: ``disk``, ``interface``, ``ports``. ``devices`` knows which prefixes there are,
   ``numbering`` those with a number that libvirt has no place for, ``boot`` the order, ``paths`` the file names.
3. **A value without meaning is no failure.** It is logged with its line, and its device is left out when it cannot be
   without it. So are devices that no machine can have (``invalid``): what is read can be defined. Only a value that a
   domain cannot be without (``domain``) raises an error.
4. **Nothing is lost.** The definition is written back at once, and compared. A key that comes back otherwise is kept
   among the definition's options; a key that the file did not have is remembered as absent (``native``).
5. **The document wins.** On the way back, options are put and absent keys taken away, and the result is read once
   more: one that changes what the document says is dropped, found by halves.
6. **Two manners of writing.** A definition without options is written as libvirt writes it, with libvirt's constants;
   one with options came from a host or a file, and gets nothing of its own accord.
7. **Text out is UTF-8**, for a library or a terminal; a file is in the encoding that it names (``to_file``).
"""

from esxdriver.vmx.native import from_native, to_file, to_native
from esxdriver.vmx.paths import Missing, Paths
from esxdriver.vmx.text import decoded

__all__ = ["Missing", "Paths", "decoded", "from_native", "to_file", "to_native"]
