"""libvirt's objects, one a file, with the names and methods of libvirt-python.

1. ``opening`` opens a connection: a session with the host, and a ``Connect``.
2. ``Connect`` and the objects that it finds share one ``backend.Backend``: session, part of the inventory, style of
   XML, watch. None looks into another.
3. A class is put together from parts by what its methods do: ``domain_power``, ``domain_guest``, ``domain_lookup``,
   ``host``. ``domain_base`` is what all methods of a domain stand on: one read, one task, one call.
4. What goes wrong behind a public method leaves it as a ``libvirtError`` (``boundary``), which also says what became of
   the changes that were sent. Arguments of the wrong type raise TypeError, as they do in libvirt-python.
5. What libvirt-python has and vSphere has no answer for is refused as libvirt refuses it (``unsupported``).
6. ``watching`` and ``prefetch`` answer from memory, within a ``with`` block. ``events`` come from the watch, which the
   first callback starts; ``event_rules`` says which event a change is.
7. What lies between a read and a call is not here: ``vsphere`` reads, compares and asks, ``conf`` knows XML.
"""
