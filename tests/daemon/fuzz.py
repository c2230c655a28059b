"""Sends a daemon what no client would: ``python -m tests.daemon.fuzz SOCKET [SECONDS] [SEED]``.

Calls with true headers and arguments that are drawn, cut, flipped and swapped; raw bytes; streams that do not exist.
Between them a well-behaved client asks, and must be answered. It ends with what was sent, what came back, and how much
memory the daemon has gained; a daemon that no longer answers, or has gained 64 MiB, is a failure.
"""

import contextlib
import random
import struct
import sys
import time
from collections import Counter
from pathlib import Path

from esxdriver.daemon import doors, peers
from esxdriver.rpc import protocol
from esxdriver.rpc.messages import LENGTH_MAX, Status, Type

from .conftest import RawClient

ALLOWED = 64 * 2**20


def main(path, seconds="30", seed="1"):
    with RawClient(path) as steady:
        return sent(path, float(seconds), random.Random(int(seed)), steady)


def sent(path, seconds, chance, steady):
    """Send for some seconds, and return the exit status."""
    daemon = process_of(steady)
    counts = Counter()
    before = memory(daemon)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), RawClient(path, opened=chance.random() < 0.7) as client:
            client.socket.settimeout(0.2)
            for _ in range(chance.randrange(1, 40)):
                client.socket.sendall(drawn(chance))
                counts["messages"] += 1
            counts.update(answers(client))
        counts["connections"] += 1
        assert steady.call("connect_get_type").type
    gained = memory(daemon) - before
    sys.stdout.write(f"{dict(counts)}, {gained / 2**20:.1f} MiB gained\n")
    return int(gained > ALLOWED)


def drawn(chance):
    """Return the bytes of a message that is nearly one."""
    row = chance.choice(list(protocol.procedures().values()))
    body = _body(chance)
    number = row.number if chance.random() < 0.95 else chance.randrange(-(2**31), 2**31)
    kind = Type.CALL if chance.random() < 0.9 else chance.randrange(-2, 9)
    status = Status.OK if chance.random() < 0.9 else chance.randrange(-2, 5)
    length = len(body) + 28 if chance.random() < 0.98 else chance.randrange(0, LENGTH_MAX + 100)
    return struct.pack(">IIIiiIi", length, protocol.PROGRAM, 1, number, kind, chance.randrange(9), status) + body


def _body(chance):
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(200))
    return words(chance, chance.randrange(40))


def words(chance, count):
    """Return words that look like lengths, flags and short texts."""
    small = [chance.choice([0, 1, 2, 4, 7, 16, 0x61626300, 0xFFFFFFFF]) for _ in range(count)]
    return struct.pack(f">{count}I", *small)


def answers(client):
    """Count what comes back until the daemon closes or falls silent."""
    counts = Counter()
    with contextlib.suppress(TimeoutError):
        while (found := client.receive()) is not None:
            header, _ = found
            counts["errors" if header.status == Status.ERROR else "replies"] += 1
        counts["closed by the daemon"] += 1
    return counts


def process_of(client):
    return peers._CREDENTIALS.unpack(client.socket.getsockopt(1, 17, 12))[0]


def memory(process):
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


if __name__ == "__main__":
    path = Path(sys.argv[1])
    sys.exit(main(path / doors.NAME if path.is_dir() else path, *sys.argv[2:]))
