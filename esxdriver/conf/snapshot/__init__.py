"""Snapshots of a domain, from and to libvirt's XML, and what becomes of its disks."""
