"""Measures storage: ``python -m tests.bench.storage [--vms N] [--mib N]``; ESXSIM names the binary.

A list of all files of a datastore is one search. Uploads and downloads are compared with the same bytes over a plain
connection of http.client to the same address, each the quickest of some rounds in turns; memory is this process's peak.
"""

import argparse
import http.client
import io
import resource
import time

import click

import esxdriver
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.vsphere.storage.transfer import _url
from esxdriver.vsphere.wire.data import connection
from tests.bench.table import Goal, verdicts
from tests.conftest import password_auth, sim_uri
from tests.sim import Sim

ROUNDS = 4
CHUNK = 256 << 10
NAME = "iso/bench.iso"


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def quickest(*functions):
    """Return the seconds of each function's quickest round; they take turns, for a busy machine to slow them alike."""
    found = [[] for _ in functions]
    for _ in range(ROUNDS):
        for function, seconds in zip(functions, found, strict=True):
            before = time.perf_counter()
            function()
            seconds.append(time.perf_counter() - before)
    return [min(seconds) for seconds in found]


def listing(sim, conn):
    """Return how many files a list has, its seconds, and how many searches of all of the datastore it takes."""
    pool = conn.storagePoolLookupByName("datastore1")
    sim.reset_calls()
    before = time.perf_counter()
    files = len(pool.listAllVolumes())
    seconds = time.perf_counter() - before
    calls = sim.calls()
    return files, seconds, calls.count("SearchDatastoreSubFolders_Task"), len(calls)


class Zeros(io.RawIOBase):
    """As many zeros as are asked for: nothing is read off a disk."""

    def __init__(self, size):
        self.left = size

    def give(self, size):
        size = min(size, self.left)
        self.left -= size
        return bytes(size)


def raw_upload(conn, size):
    backend, zeros = conn.backend, Zeros(size)
    link, headers = connection(backend.session, {"Content-Length": str(size)})
    link.putrequest("PUT", _url(backend.scope, DatastorePath("datastore1", NAME)))
    for name, value in headers.items():
        link.putheader(name, value)
    link.endheaders()
    while data := zeros.give(CHUNK):
        link.send(data)
    assert link.getresponse().status in (http.client.OK, http.client.CREATED)
    link.close()


def raw_download(conn, size):
    backend = conn.backend
    link, headers = connection(backend.session, {})
    link.request("GET", _url(backend.scope, DatastorePath("datastore1", NAME)), headers=headers)
    answer, found = link.getresponse(), 0
    while data := answer.read(CHUNK):
        found += len(data)
    assert found == size
    link.close()


def upload(conn, volume, size):
    zeros, stream = Zeros(size), conn.newStream()
    volume.upload(stream, 0, size)
    stream.sendAll(lambda _, wanted, source: source.give(wanted), zeros)
    stream.finish()


def download(conn, volume, size):
    stream, found = conn.newStream(), []
    volume.download(stream, 0, 0)
    stream.recvAll(lambda _, data, counts: counts.append(len(data)), found)
    stream.finish()
    assert sum(found) == size


def transfers(conn, mib):
    pool, size = conn.storagePoolLookupByName("datastore1"), mib << 20
    volume = pool.createXML(f"<volume><name>{NAME}</name><capacity>0</capacity></volume>")
    for small in (upload, download):
        small(conn, volume, 1 << 20)
    before = peak()
    upload(conn, volume, size)
    download(conn, volume, size)
    grown = peak() - before
    raw_up, up = quickest(lambda: raw_upload(conn, size), lambda: upload(conn, volume, size))
    raw_down, down = quickest(lambda: raw_download(conn, size), lambda: download(conn, volume, size))
    volume.delete()
    return (raw_up, raw_down), (up, down), grown


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vms", type=int, default=5000)
    parser.add_argument("--mib", type=int, default=256)
    asked = parser.parse_args()
    with Sim.start("esx", vms=asked.vms) as sim, esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn:
        files, seconds, searches, calls = listing(sim, conn)
        click.echo(f"{files} files listed in {seconds:.2f} s, {calls} calls")
    with Sim.start("esx") as sim, esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn:
        raw, ours, grown = transfers(conn, asked.mib)
    for what, plain, own in zip(("upload", "download"), raw, ours, strict=True):
        rates = f"{asked.mib / own:.0f} MiB/s, plain HTTP {asked.mib / plain:.0f} MiB/s"
        click.echo(f"{what} of {asked.mib} MiB: {own:.2f} s, {rates}")
    goals = [
        Goal("thousands of files that one list has", 10, files / 1000, at_least=True),
        Goal("searches of the datastore for them", 1, searches),
        Goal("rate of an upload, against plain HTTP", 0.9, raw[0] / ours[0], at_least=True),
        Goal("rate of a download, against plain HTTP", 0.9, raw[1] / ours[1], at_least=True),
        Goal(f"MiB of memory that {asked.mib} MiB take", 8, grown),
    ]
    click.echo(verdicts(goals))


if __name__ == "__main__":
    main()
