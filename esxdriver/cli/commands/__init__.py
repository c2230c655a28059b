"""virsh's commands, a file for each of its sections.

1. A file has a ``commands = Commands()``, and a row in ``cli.SECTIONS`` names what it has.
2. ``@on_domain`` gives a command the domain that its DOMAIN means, ``@flag_options`` the sum of libvirt's flags.
3. A command calls one method of libvirt-python's, within ``failing_with("Failed to ...")``, as virsh words it.
4. What was asked for is shown by ``table`` or ``terminal.write``; what was done is said by ``terminal.say``.
"""
