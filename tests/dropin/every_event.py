"""Registers for every event that there is, runs an event loop, and shows what comes: what libvirt-python's example does.

``every_event.py LOOP URI SECONDS``, where LOOP is native or asyncio.
"""

import asyncio
import sys
import threading
import time

import libvirt
import libvirtaio

LIFECYCLE = ["Defined", "Undefined", "Started", "Suspended", "Resumed", "Stopped", "Shutdown", "PMSuspended", "Crashed"]


def show(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def run_native():
    while True:
        libvirt.virEventRunDefaultImpl()


def start_native():
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=run_native, daemon=True).start()


def start_asyncio():
    loop = asyncio.new_event_loop()
    libvirtaio.virEventRegisterAsyncIOImpl(loop=loop)
    threading.Thread(target=loop.run_forever, daemon=True).start()


def legacy(_conn, domain, event, detail, opaque):
    show("legacy", domain.name(), LIFECYCLE[event], detail, opaque)


def any_kind(kind):
    def happened(_conn, domain, *details):
        show("kind", kind, domain.name(), domain.ID(), *details)

    return happened


def closed(conn, reason, _opaque):
    show("closed", conn.getURI(), reason)


def main(loop, uri, seconds):
    {"native": start_native, "asyncio": start_asyncio}[loop]()
    conn = libvirt.openReadOnly(uri)
    conn.registerCloseCallback(closed, None)
    conn.domainEventRegister(legacy, "opaque")
    kinds = {name: getattr(libvirt, name) for name in dir(libvirt) if name.startswith("VIR_DOMAIN_EVENT_ID_")}
    numbers = [conn.domainEventRegisterAny(None, number, any_kind(name), None) for name, number in kinds.items()]
    others = [
        (conn.networkEventRegisterAny, conn.networkEventDeregisterAny, [0]),
        (conn.storagePoolEventRegisterAny, conn.storagePoolEventDeregisterAny, [0, 1]),
        (conn.nodeDeviceEventRegisterAny, conn.nodeDeviceEventDeregisterAny, [0, 1]),
        (conn.secretEventRegisterAny, conn.secretEventDeregisterAny, [0, 1]),
    ]
    taken = [(forget, register(None, kind, show, None)) for register, forget, ids in others for kind in ids]
    conn.setKeepAlive(5, 3)
    show("ready")
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        assert conn.isAlive() == 1
        time.sleep(0.5)
    conn.domainEventDeregister(legacy)
    for forget, number in taken:
        forget(number)
    for number in numbers:
        conn.domainEventDeregisterAny(number)
    conn.unregisterCloseCallback()
    conn.close()
    show("done")


main(*sys.argv[1:])
