"""vSphere's terms: the only part of the package that knows pyVmomi, the objects of the API and its faults.

1. ``wire`` carries calls: bytes to objects and back, sessions, and one table of what each operation does.
2. ``query`` reads: named properties of many objects in one round trip, inventories, tasks. No other package has a
   property of a managed object read one by one.
3. ``machine`` says what a machine is: what was fetched, as a definition in libvirt's terms, and both together.
   ``statistics`` turns samples into totals.
4. ``storage`` has datastores and what lies on them, ``network`` the switches and interfaces of hosts.
5. ``change`` changes machines: it compares what is with what is wanted, checks vSphere's rules, and asks the host once.
   ``bulk`` reads the machines of a whole inventory, a part at a time.
6. Faults stay vSphere's in here. They become a ``libvirtError`` where somebody knows what was being done: within
   ``with translated("cannot start web01"):``.

A package imports only from those above it in this list, and from ``conf``.
"""
