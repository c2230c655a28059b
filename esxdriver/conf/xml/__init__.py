"""Documents: reading, printing, metadata, libvirt's schemas."""
