"""libvirt's networks and host interfaces as XML has them. Pure."""
