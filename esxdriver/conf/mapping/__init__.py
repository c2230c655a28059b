"""The engine of the mapping: fields, codecs, mapped enums, and the values that several kinds of devices share.

1. A definition is a frozen dataclass. Each field made by ``fields.fact`` names its codec and, for each kind of surface
   that knows it (``xml``, ``vim``, ``vmx``), its path there.
2. ``fields.load`` reads a definition from a surface, ``fields.dump`` writes it back, ``fields.differing`` names the
   fields in which two differ. Nothing else goes through the fields.
3. A codec turns one field's value into what a surface holds, and back: plain ones are in ``codecs``, a value with a
   fixed choice is a ``MappedEnum``, whose members carry their value on every surface (``enums``).
4. Where a path depends on what was read before, the field lists several paths (``fields.At``): the first whose
   condition is true counts.
5. None means that the surface says nothing. Written, it removes nothing unless the codec says so.
6. A value without meaning raises ``InvalidValueError``, one that libvirt has and ESX has not ``UnsupportedValueError``.
   Whoever reads decides: in a document both are the user's errors, on a host the device is left out.

One fact has one place: disk modes are spelled in ``enums``, power states in ``states``, versions of virtual hardware in
``hardware``, datastore paths in ``datastore_path``, escapes of names in ``identity``, and which options are secrets in
``option_secrets``.
"""
