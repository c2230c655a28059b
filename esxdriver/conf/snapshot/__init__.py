"""Snapshots of a domain, from and to libvirt's XML, and what they mean for its disks.

1. ``snapshot`` is the definition. ESX decides by a disk's mode whether a snapshot holds the disk, so a document may
   only say what is so already; this is checked before anything is asked.
2. ``xml`` reads a request and writes what a snapshot holds, with the domain as it was.
3. ``outcome`` says what becomes of each disk when a domain is reverted or snapshots are deleted, before it is done.
4. ``audit`` names what there is to worry about in a disk's mode.
"""
