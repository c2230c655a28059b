"""Calls to a host: how they are sent, understood, repeated, and what is known of them when something goes wrong.

1. ``http`` makes connections: TLS, proxies, timeouts. A certificate is checked in every handshake.
2. ``soap`` is the one place through which a call goes: it is sent, counted, timed, and its answer limited in size. One
   call is one attempt.
3. ``decode``, ``contents`` and ``readers`` make objects of an answer. A value is of its declared type, or missing with
   the reason; what a newer host may send does not matter.
4. ``operations`` says of each operation whether it reads or changes.
5. ``stub`` decides by that what may be asked again: a read once, a change never. ``renewal`` logs in again when a
   session has expired, and ends it; ``login`` is one login; ``pending`` is a call that is sent ahead.
6. A change is noted in :mod:`esxdriver.outcome` before it leaves, with what becomes of it.
7. ``fault_codes`` has one table from each fault to libvirt's code and what to do; ``faults`` makes errors by it.
8. No error, log line or ``repr`` holds the text of a request: it may be a password.

``session`` is what the rest of the package sees of all this.
"""
