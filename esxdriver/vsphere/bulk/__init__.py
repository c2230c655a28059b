"""Reads of all virtual machines of a connection's scope.

1. ``machines`` yields their definitions, a part of them at a time, the next part on its way while one is worked on:
   time grows with their number, memory does not.
2. One that cannot be read ends nothing: it is left out, and said (``left_out``). One that disappears meanwhile is not.
3. ``filters`` and ``snapshot_filters`` choose by the flags of libvirt's ``listAll*`` functions.
4. ``diskmodes``, ``stats`` and ``rates`` are made of such a read: the audit of disk modes, libvirt's statistics of
   domains, and how busy each is now.
"""
