"""``virtesxd``, a daemon that serves this driver to libvirt's clients.

1. ``doors`` makes what clients come through: unix sockets, systemd's sockets, TLS, standard input and output.
2. ``server`` has the one event loop, which owns all sockets; it lets clients in, within limits, and ends in order.
3. ``client`` is one client: bytes to calls, replies and events back, no faster than they are taken.
4. ``calls`` are those of one client, done by ``workers``, the threads in which calls wait for hosts; ``streams`` have
   threads of their own, which move data.
5. ``hosts`` are the connections to ESX, shared by clients, chosen by names of the configuration (``config``).
6. ``command`` is the command line.
"""
