"""What is asked of a virtual machine: define, devices, snapshots, and the rules for them.

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
6. The modes of its disks are looked at afterwards: a new machine with a wrong one does not stay.

:mod:`snapshots` and :mod:`snapshot_rules` do the same for snapshots, :mod:`resize` for memory and vCPUs.
"""
