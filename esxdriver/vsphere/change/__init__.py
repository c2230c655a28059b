"""What is asked of a virtual machine: define, devices, snapshots, and the rules for them.

How a definition becomes a change:

1. :mod:`define` finds the machine that is meant and reads it, in one round trip each.
2. :mod:`rules` refuses what vSphere would, in the document's words; :mod:`host_options` asks the host what it has, only
   where a document may want more than every host has.
3. :mod:`plan` compares and makes one ``VirtualMachineConfigSpec``; :mod:`devices` orders the device changes,
   :mod:`defaults` adds what vSphere requires of a new device, :mod:`options` the changes of ``extraConfig``. All of it
   is pure. Where nothing differs there is no specification, and nothing is asked.
4. The host is asked once, with the ``changeVersion`` that was read. A change is never repeated.
5. The modes of its disks are looked at afterwards: a new machine with a wrong one does not stay.

:mod:`snapshots` and :mod:`snapshot_rules` do the same for snapshots, :mod:`resize` for memory and vCPUs.
"""
