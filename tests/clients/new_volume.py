"""virt-manager with somebody before it who makes new volumes; run it with the system's Python, on a display.

``new_volume.py URI POOL FORMS`` starts virt-manager as its own program does, opens the connection's details, and for
each form clicks "new volume" in the pool, fills in the window and clicks "Finish". FORMS is JSON, a list of what to
fill in: ``[{"vol-name": "a", "vol-capacity": 2}]``. For each it prints a line of JSON: the error that virt-manager
shows, or null, and the volumes that its list then has, each a name, a capacity in bytes and a format.

Nothing of virt-manager is changed or called. Its widgets are found by their ids and used as a hand uses them. When what
should come up does not within 40 s, it ends with status 1 and says what is on the screen.
"""

import json
import os
import sys
import time
import traceback

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import GLib, Gtk  # noqa: E402 - of that version

URI, POOL, FORMS = sys.argv[1:]
LOOK = 50  # ms from one look at the screen to the next
END = time.monotonic() + 40
STORAGE = 2  # the page of the connection's details


def windows():
    return [each for each in Gtk.Window.list_toplevels() if each.get_visible()]


def widget(name, within=None):
    """Return the widget of that id on the screen; None while there is none."""
    for each in windows() if within is None else within:
        if Gtk.Buildable.get_name(each) == name:
            return each
        found = isinstance(each, Gtk.Container) and widget(name, each.get_children())
        if found:
            return found
    return None


def messages():
    return [each for each in windows() if isinstance(each, Gtk.MessageDialog)]


def fill(name, value):
    """Put a text into an entry, a number into a spin button, and a tick at a check button or none."""
    widget(name).set_property({str: "text", int: "value", bool: "active"}[type(value)], value)


def choose_pool():
    pools = widget("pool-list")
    (row,) = [each for each in pools.get_model() if each[1].startswith(f"{POOL}\n")]
    pools.get_selection().select_iter(row.iter)


def volumes():
    return [[row[1], int(row[2]), row[4]] for row in widget("vol-list").get_model()]


def done(before):
    """Whether virt-manager has shown a message, or has closed its window and has other volumes in its list."""
    return messages() or (widget("vmm-create-vol") is None and volumes() != before)


def hands():
    """Do what a user does; each ``yield`` is what they wait for."""
    yield lambda: widget("vmm-host")
    widget("details-tabs").set_current_page(STORAGE)
    yield lambda: len(widget("pool-list").get_model())
    choose_pool()
    for form in json.loads(FORMS):
        yield lambda: widget("vol-add").get_sensitive()
        widget("vol-add").clicked()
        yield lambda: widget("vmm-create-vol")
        for name, value in form.items():
            fill(name, value)
        before = volumes()
        widget("vol-create").clicked()
        yield lambda before=before: done(before)
        shown = " ".join(" ".join(each.get_property("text").split()) for each in messages())
        sys.stdout.write(json.dumps([shown or None, volumes()]) + "\n")
        sys.stdout.flush()
        for each in messages():
            each.get_widget_for_response(Gtk.ResponseType.CLOSE).clicked()
        if widget("vmm-create-vol"):
            widget("vol-cancel").clicked()
    widget("vmm-host").close()


def look(steps, awaited):
    """Go on with ``steps`` when what they wait for is there. Return whether more is to come."""
    try:
        if awaited[0]():
            awaited[0] = next(steps, None)
        elif time.monotonic() > END:
            raise TimeoutError([each.get_title() for each in windows()])
    except BaseException:  # noqa: BLE001 - GLib would go on, with nobody at the keyboard
        traceback.print_exc()
        os._exit(1)
    return awaited[0] is not None


steps = hands()
GLib.timeout_add(LOOK, look, steps, [next(steps)])
sys.path.insert(0, "/usr/share/virt-manager")  # as its own program does
sys.argv[1:] = ["--connect", URI, "--show-host-summary", "--no-fork", "--debug"]
from virtManager import virtmanager  # noqa: E402 - found there

virtmanager.runcli()
