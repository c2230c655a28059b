"""What is read from a host: properties, inventories, tasks.

1. Properties are named by path and asked for in bulk: ``retrieve`` takes one round trip for many objects, ``scan`` a
   part of very many at a time, the next part on its way while the last is worked on.
2. An answer in pages whose rest the host has forgotten is asked for once more from the start.
3. What could not be read is missing with the reason: the host's own fault, or that the value makes no sense. Of an
   object that was asked about by itself, the reason is raised where the property is used; in bulk reads one object is
   affected, and not all of them.
4. ``inventory`` says what a connection sees: the part of a host or vCenter that its URI names.
5. ``task`` waits for a task: one read a round. It ends when the task does, when the host does not say how the task is,
   or with a question that nobody answers; what became of the task is noted in :mod:`esxdriver.outcome`.
6. ``watch`` keeps a connection's view of its machines current, by ``updates`` of the host; ``known`` remembers them.
7. ``processors``, ``vcpus``, ``node_devices`` and ``privileges`` read what a host has, and what its user may.
"""
