"""VMX's words: text to keys, keys to a definition, and back. Pure: no I/O."""

from esxdriver.vmx.native import from_native, to_file, to_native
from esxdriver.vmx.paths import Missing, Paths
from esxdriver.vmx.text import decoded

__all__ = ["Missing", "Paths", "decoded", "from_native", "to_file", "to_native"]
