"""vSphere's switches and hosts' interfaces, as libvirt has them: networks and interfaces.

1. ``switches`` reads the switches of a scope: the standard ones of its hosts, the distributed ones of a vCenter.
2. ``policy`` is what a switch or a port group does with traffic, in libvirt's terms and in vSphere's.
3. ``plan`` says what has to be done to make a standard switch as it is wanted, in steps that each have a way back.
4. ``steps`` takes them, and goes back when one fails.
5. ``interfaces`` reads the physical NICs and the VMkernel's adapters of a host.
"""
