"""What is asked of virtual machines: that they become what a definition says, come, move, are copied and go.

How a definition becomes a change:

1. :mod:`define` finds the machine that is meant and reads it, in one round trip each.
2. :func:`~esxdriver.vsphere.machine.match.match` says, once, which device of the machine each wanted one is. Rules and
   plan are given its answer.
3. :mod:`rules` refuses what vSphere would, in the document's words; :mod:`host_options` asks the host what it has, only
   where a document may want more than every host has.
4. :mod:`plan` compares and makes one ``VirtualMachineConfigSpec``; :mod:`devices` orders the device changes,
   :mod:`defaults` adds what vSphere requires of a new device, :mod:`options` the changes of ``extraConfig``. All of it
   is pure. Where nothing differs there is no specification, and nothing is asked.
5. The host is asked once, with the ``changeVersion`` that was read. A change is never repeated.
6. :mod:`made` looks at the modes of its disks afterwards: a new machine with a wrong one does not stay.

A change of one device is a definition, too: :mod:`attach` makes it, by what :mod:`meant` says of the device.
:mod:`blank` has the files of new disks made, :mod:`register` takes up machines whose files are there already.

:mod:`snapshots` and :mod:`snapshot_rules` do the same for snapshots, :mod:`resize` and :mod:`tuning` for what a machine
has and may use of its host, :mod:`autostart` for when it starts. :mod:`clone` and :mod:`duplicate` make another of it,
with a vCenter and without one, :mod:`migrate` moves it, and :mod:`removal` deletes what is its own.
"""
