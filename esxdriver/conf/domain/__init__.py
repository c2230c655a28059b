"""Domains: from libvirt's XML to a definition and back.

1. ``domain`` is the definition: the domain's own fields, and a tuple of devices for each kind.
2. ``xml`` reads in three steps: what the document says, what follows from it (a disk's address from its name, ``boot``
   and ``legacy_driver``), and whether ESX can have it (``validate``). It writes as ``style`` asks.
3. ``invalid`` finds the devices of a machine that ``validate`` would refuse, so that they are left out of a dump: what
   is dumped can be defined.
4. ``sayable`` gives what was read of a machine or a file the form that the document can hold.
5. ``guest``, ``processor`` and ``nvram`` have codecs and tables: guest systems, CPUs and their shares, the NVRAM file.
"""
