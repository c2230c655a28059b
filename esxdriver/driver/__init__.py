"""libvirt's objects, one a file, with the names and methods of libvirt-python."""
