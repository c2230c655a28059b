"""libvirt's RPC, version 1, without any I/O: bytes to calls, calls to a driver's methods, results to bytes.

How it works, from the ground up:

1. ``xdr`` has the types of the wire. One object owns both ways of a type: it parses and it writes.
   Types are composed.
2. ``protocol`` reads ``protocol.txt``, the table of procedures and structures, and makes a row's types
   when they are needed.
3. ``messages`` splits a stream of bytes into messages and makes messages of headers, bodies and errors.
4. ``references`` turns the name, UUID and ID of the wire into a driver's objects, and objects into those.
5. ``procedures`` says for each procedure which method of libvirt-python's objects answers it.
6. ``dispatch`` does one call: parse the arguments, refuse what a read-only client may not do, call, write the reply.

Any driver with libvirt-python's objects will do: this one, or libvirt-python itself.
Source of the protocol's facts: https://libvirt.org/kbase/internals/rpc.html
"""
