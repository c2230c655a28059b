"""What is asked of a virtual machine: define, devices, snapshots, and the rules for them."""
