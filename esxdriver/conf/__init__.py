"""libvirt's terms: definitions of domains, devices and snapshots, from and to XML. Pure: no pyVmomi, no I/O.

Six terms are this project's own:

- A *surface* is what values are read from and written to, by path: an XML element, a vSphere object, the keys of a VMX
  file (``mapping.fields``).
- A *mapped field* is a field of a definition that names its path on each surface.
- A *definition* (``DomainDef``, ``DiskDef``, ...) is what a document says, as a frozen value.
- A *machine* is what a host has: its configuration, and the definition that was read from it (``vsphere.machine``).
- A *plan* is what has to be asked of a host so that a machine becomes what a definition says (``vsphere.change``).
- A *cassette* is a recorded session with a host (``recording``).

How it works, from the ground up; a package imports only from those above it in this list:

1. ``mapping`` reads definitions from surfaces and writes them back, by tables. Every property is written once and used
   both ways, on all three surfaces.
2. ``xml`` makes surfaces of documents, and documents of surfaces.
3. ``devices`` has a file for each kind of device, and one table of the kinds.
4. ``domain`` puts devices together to a domain, and refuses what no ESX can have.
5. ``snapshot`` does the same for snapshots, and says what becomes of each disk.
6. ``storage`` has pools and volumes, ``network`` networks and a host's interfaces. What only goes out to users stands
   beside the packages: ``capabilities``, ``domain_capabilities``, ``node_device``, ``sysinfo``.
"""
