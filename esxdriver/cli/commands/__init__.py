"""virsh's commands, a file for each of its sections."""
