"""A libvirt driver for VMware ESX and vCenter."""

__version__ = "0.1.0"
