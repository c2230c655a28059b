"""The devices of a domain, one kind a file.

1. A file has the kind's definition: its mapped fields, the enums that belong to it, and codecs for what needs more than
   a table. ``vim_class`` is the class that vSphere gives a new device, ``label`` what errors call it.
2. ``kinds`` has a row for each kind, in the order in which libvirt prints them: element, definition, vSphere's classes,
   and what identifies a device. Reading, matching, planning and converting look kinds up there.
3. A disk's mode is one value here (``DiskMode``); ``disk_mode_xml`` spells it in XML.
4. ``address`` has the buses of disks, and the rule that gives each disk a name.

``.github/CONTRIBUTING.md`` says how a kind is added, and ``tests/test_kinds.py`` finds what a new one lacks.
"""
