"""What a virtual machine is: its configuration as a definition, its snapshot tree.

How it works:

1. :mod:`machine` reads a ``VirtualMachineConfigInfo`` device by device. :mod:`types` says what a device is,
   :mod:`wiring` what it hangs on, :mod:`surface` gives mapped fields their get and set.
2. A machine keeps which device each definition was read from, so that a change edits the fetched object.
3. No device makes a read fail: what libvirt has no words for, or no definition may have, is left out, logged with the
   domain's name, and stays on the machine. What a dump says, define takes.
4. :mod:`extra_config` says whose each option is. What is not the user's is neither shown nor sent.
5. :mod:`match` pairs the devices that are with the wanted ones, by what identifies a device of its kind: once a define.
6. :mod:`snapshot_tree` reads the snapshots, and which files their own configurations hold.
7. :mod:`guest` is what VMware Tools say, :mod:`console` the screen and the keyboard, :mod:`environment` and
   :mod:`offer` what machines a host can run. :mod:`device_list` says which devices have come and gone, :mod:`unread`
   what of a machine has no place in a definition.
"""
