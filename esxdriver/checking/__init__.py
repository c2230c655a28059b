"""What a real host does: everything that can be asked of it, what it answers, and whether that is what is assumed here.

1. ``reading`` asks a host all that the driver ever reads, of every domain within limits. What it does with the answers
   is held against itself: a dump is read again, planned against its machine (nothing is to be done), and goes to VMX
   and back.
2. Nothing that is asked ends the check: what the host refuses, does not answer or answers in a way that is not
   understood is a finding (``asking``, ``reasons``), and the next thing is asked.
3. ``writing`` takes ``steps`` on a machine of its own (``own``), in a ``scene``, past the driver's rules too: the host
   is to say what it refuses. Each change is held against what is the check's own before it leaves; all of that is
   taken away in the end (``removal``).
4. ``guesses`` says what is assumed here of hosts, and what a report says of each: by a step, or by ``probes`` into what
   was read.
5. A report (``report``) is a value, and ``tables`` are its texts: a terminal and a page show the same. It has the API's
   own names, and numbers for the site's (``names``), unless names are wanted.
"""
