"""The same two attributes on libvirt's own drivers, QEMU's above all.

1. :mod:`~esxdriver.qemu.passing` passes libvirt-python's objects through, and has their documents translated;
   ``connect`` and ``domain`` are such objects, with what libvirt has no method for.
2. :mod:`~esxdriver.qemu.documents` knows which documents carry disks, and edits only these elements;
   :mod:`~esxdriver.qemu.disks` says how one disk's mode is spelled on either side.
3. ``snapshots``, ``outcome`` and ``audit`` have QEMU's rules for what ``conf.snapshot`` says of ESX.
4. ``carry`` finds the disks of a converted domain again, and gives them their modes.

All but 1 is pure.
"""
