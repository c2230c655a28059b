"""Definitions read in one go, for programs that list domains and then ask each for its XML.

::

    with esxdriver.prefetch(conn):
        for domain in conn.listAllDomains():
            print(domain.XMLDesc())
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from esxdriver.vsphere.bulk.machines import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esxdriver.driver.connect import Connect


@contextmanager
def prefetch(conn: Connect) -> Iterator[Connect]:
    """Within the block, serve ``XMLDesc()`` of every domain of ``conn`` from one batch.

    The batch is read part by part as it is needed, so a definition is as old as its part: at most as old as the
    first ``XMLDesc()`` in the block. Somebody else's change after that is not seen. A change through ``conn`` throws
    the batch away, and the next ``XMLDesc()`` reads a new one. A domain that is not in it is asked for by itself,
    and everything but ``XMLDesc()`` is always current. The definitions stay in memory until the block ends; where
    only the documents are wanted, ``conn.getAllXMLDesc()`` keeps a part of them.
    """
    backend = conn.backend
    before = backend.batch
    backend.batch = Batch(backend.session, backend.scope)
    try:
        yield conn
    finally:
        backend.batch = before
