"""Lookups, states, lists and XML from memory, for programs that ask for the same things again and again.

::

    with esxdriver.watch(conn):
        while True:
            print([(domain.name(), domain.state()) for domain in conn.listAllDomains()])
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esxdriver.driver.connect import Connect


@contextmanager
def watch(conn: Connect) -> Iterator[Connect]:
    """Within the block, answer from memory what the host keeps up to date by itself.

    The domains are read once; from then on the host tells what changes (vSphere API, WaitForUpdatesEx), in a thread of
    its own. Lookups, lists and states ask for nothing, and so does ``XMLDesc()`` of a domain that has not changed,
    but for what is secret. What is read is as current as the host's last report; after a change that was made through
    ``conn``, it shows the change. When the host's reports end, it is asked as without the block, until they have begun
    anew. Threads may share the connection. Raises libvirtError when the watch cannot begin.
    """
    conn.backend.start_watch()
    try:
        yield conn
    finally:
        conn.backend.leave_watch()
