"""Calls functions of Salt's virt module, which a minion would: ``salt_calls.py [[NAME, ARGUMENT...]...]`` as JSON.

The loader's globals are Salt's own to give; here they say that nothing is configured. It prints what each function
returns, or of one that fails, what is wrong, as JSON.
"""

import json
import sys
from importlib import import_module

virt = import_module("saltext.virt.modules.virt")
utils = import_module("salt.utils.virt")

SETTINGS = {"virt:connection:uri": None}


def setting(name, default=None):
    return SETTINGS.get(name) or default


virt.__salt__ = {"config.get": setting}
virt.__grains__ = {"fqdn": "minion"}
virt.__opts__ = {}
virt.__context__ = {}
utils.__salt__ = virt.__salt__


def called(name, arguments, options):
    try:
        return getattr(virt, name)(*arguments, **options)
    except Exception as error:  # noqa: BLE001 - whatever a function of Salt raises is what it has to show
        return {"error": f"{type(error).__name__}: {error}"}


def main(uri, calls):
    found = [called(name, arguments, {"connection": uri}) for name, *arguments in json.loads(calls)]
    sys.stdout.write("\n" + json.dumps(found, default=str) + "\n")


main(*sys.argv[1:])
