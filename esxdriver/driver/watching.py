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

_AT_EASE = 25  # domains that are read at once when nobody waits for them: some ten milliseconds of work


@contextmanager
def watch(conn: Connect) -> Iterator[Connect]:
    """Within the block, answer from memory what the host keeps up to date by itself.

    The domains are read once; from then on the host tells what changes (vSphere API, WaitForUpdatesEx), in a thread of
    its own. Lookups, lists and states ask for nothing, and so does ``XMLDesc()`` of a domain that has not changed,
    but for what is secret. What is read is as current as the host's last report; after a change that was made through
    ``conn``, it shows the change. When the host's reports end, it is asked as without the block, until they have begun
    anew. Threads may share the connection. Raises libvirtError when the watch cannot begin.
    """
    backend = conn.backend  # the connection may be closed within the block
    backend.start_watch()
    try:
        yield conn
    finally:
        backend.leave_watch()


def read_documents(conn: Connect) -> Iterator[None]:
    """Within :func:`watch`, read every domain's definition for those who may ask for it; yield after each few.

    Each stays until its domain changes. Raises what reading them raises.
    """
    from esxdriver.driver.domain import documents_of

    documents, style = conn.backend.documents, conn.backend.style()
    if documents is not None:
        yield from documents.read_all(0, _AT_EASE, lambda refs: documents_of(conn, refs, style, 0))
