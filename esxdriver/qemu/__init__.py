"""The same two attributes on libvirt's own drivers, QEMU's above all.

:mod:`~esxdriver.qemu.documents` knows which documents carry disks, and edits only these elements;
:mod:`~esxdriver.qemu.disks` says how one disk's mode is spelled on either side. Both are pure.
"""
