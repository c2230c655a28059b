"""Runs another program, unmodified, with this package in libvirt-python's place.

``python -m tests.dropin.program PROGRAM [ARGUMENT...]`` where PROGRAM is a file, or a module; one of Ansible's has one
argument, in JSON. ``$DROPIN_PATH`` names directories that the program's own modules are in, after those of this Python.
"""

import json
import os
import runpy
import sys
from pathlib import Path

import esxdriver

sys.modules["libvirt"] = esxdriver


def main(program, *arguments):
    sys.path += [each for each in os.environ.get("DROPIN_PATH", "").split(os.pathsep) if each]
    sys.argv = [program, *arguments]
    if program.startswith("ansible_collections."):
        from ansible.module_utils import basic  # noqa: PLC0415 - it is not there for others

        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": json.loads(arguments[0])}).encode()
        basic._ANSIBLE_PROFILE = "legacy"
        runpy.run_module(program, run_name="__main__")
    elif "/" not in program:
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        sys.path.insert(0, str(Path(program).parent))
        runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
