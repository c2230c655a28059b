"""How fast VMX files become domain XML: one in a warm process, and ten thousand in one run of the command."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from esxdriver.conf.domain.style import Style
from esxdriver.driver.native import FORMAT, xml_from_native
from esxdriver.vmx import Paths

FILES = 10_000
_ROUNDS = 200
_COMMAND = "from esxdriver.cli import main; main()"


def text() -> str:
    """Return a VMX file of 200 lines: disks, network cards, and the options that a host adds."""
    lines = ['.encoding = "UTF-8"', 'config.version = "8"', 'virtualHW.version = "19"', 'displayName = "bench"']
    lines += [
        'memsize = "4096"',
        'numvcpus = "4"',
        'guestOS = "debian11-64"',
        'firmware = "efi"',
        'scsi0.present = "TRUE"',
    ]
    lines += ['scsi0.virtualDev = "pvscsi"']
    for unit in (0, 1, 2, 3):
        keys = {"present": "TRUE", "deviceType": "scsi-hardDisk", "mode": "independent-persistent"}
        keys["fileName"] = f"bench_{unit}.vmdk"
        lines += [f'scsi0:{unit}.{key} = "{word}"' for key, word in keys.items()]
    for number in range(8):
        keys = {"present": "TRUE", "virtualDev": "vmxnet3", "networkName": "VM Network", "addressType": "static"}
        keys["address"] = f"00:50:56:00:00:{number:02x}"
        lines += [f'ethernet{number}.{key} = "{word}"' for key, word in keys.items()]
    lines += [f'guestinfo.key{number} = "value {number}"' for number in range(200 - len(lines))]
    return "\n".join(lines) + "\n"


def milliseconds() -> float:
    """Return how long one file of 200 lines takes, in a process that is warm: the quickest of many."""
    data, style, paths = text(), Style(), Paths("[datastore1] bench/bench.vmx")
    quickest = float("inf")
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        xml_from_native(FORMAT, data, style, paths)
        quickest = min(quickest, time.perf_counter() - started)
    return quickest * 1000


def files_a_second(count: int = FILES) -> float:
    """Return how many files a second one run of the command converts, start-up and all."""
    with tempfile.TemporaryDirectory() as folder:
        names = [Path(folder, f"{number}.vmx") for number in range(count)]
        for name in names:
            name.write_text(text())
        command = [sys.executable, "-c", _COMMAND, "domxml-from-native", FORMAT, *map(str, names)]
        started = time.perf_counter()
        subprocess.run([*command, "--output-dir", f"{folder}/out"], check=True)
        return count / (time.perf_counter() - started)
