"""What a virtual machine is: its configuration as a definition, its snapshot tree."""
