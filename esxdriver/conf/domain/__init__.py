"""Domains: what they are, from and to libvirt's XML."""
