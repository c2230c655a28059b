"""What ``nc -U PATH`` does: standard input and output to and from a unix socket."""

import os
import socket
import sys
import threading


def main(*arguments: str) -> None:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(arguments[-1])
        threading.Thread(target=_up, args=(peer,), daemon=True).start()
        while data := peer.recv(65536):
            os.write(1, data)


def _up(peer: socket.socket) -> None:
    while data := os.read(0, 65536):
        peer.sendall(data)
    peer.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main(*sys.argv[1:])
