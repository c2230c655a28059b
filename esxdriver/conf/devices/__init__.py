"""Devices of a domain, one kind a file."""
