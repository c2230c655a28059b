"""libvirt's storage: pools and volumes as XML has them. Pure."""
