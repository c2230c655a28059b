"""libvirt's words: definitions of domains and their devices. Pure: no pyVmomi and no input or output."""
