"""What is compared. Each contender logs in to a simulator and returns the function that is timed.

That function returns how many machines it has read. Run as ``python -m tests.bench.contenders NAME`` with the
simulator's address as JSON on the standard input, it prints seconds, machines and the peak of its memory as JSON.
"""

import functools
import http.client
import json
import resource
import ssl
import sys
import time

from pyVim.connect import SmartConnect
from pyVmomi import vim, vmodl
from pyVmomi.SoapAdapter import SoapResponseDeserializer, SoapStubAdapter

import esxdriver
from esxdriver.vsphere.bulk import machines as bulk
from esxdriver.vsphere.wire.decode import Paged, decode
from tests.conftest import password_auth

COLLECTOR = vmodl.query.PropertyCollector
SAMPLE = 40  # domains looked up one by one; the time is scaled to all of them


def opened(sim):
    start = "esx://" if sim["model"] == "esx" else "vpx://"
    uri = f"{start}{sim['user']}@{sim['host']}:{sim['port']}/?no_verify=1"
    return esxdriver.openAuth(uri, password_auth(sim["password"]), 0)


def plain(sim):
    return SmartConnect(
        host=sim["host"], port=sim["port"], user=sim["user"], pwd=sim["password"], sslContext=unverified()
    )


def unverified():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def all_xml(sim):
    conn = opened(sim)
    return lambda: sum(1 for _ in conn.getAllXMLDesc())


def each_xml(sim):
    conn = opened(sim)
    return lambda: len([domain.XMLDesc() for domain in conn.listAllDomains()])


def prefetched_xml(sim):
    conn = opened(sim)

    def run():
        with esxdriver.prefetch(conn):
            return len([domain.XMLDesc() for domain in conn.listAllDomains()])

    return run


def looked_up_xml(sim):
    """Do what ``dumpxml NAME`` does, for a sample of the names."""
    conn = opened(sim)
    names = [domain.name() for domain in conn.listAllDomains()]
    sample = names[:: max(len(names) // SAMPLE, 1)]

    def run():
        for name in sample:
            conn.lookupByName(name).XMLDesc()
        return len(sample)

    return run


def listed(sim):
    conn = opened(sim)
    return lambda: len(conn.listAllDomains())


def one_xml(sim):
    conn = opened(sim)
    return lambda: len(conn.lookupByName("web01").XMLDesc()) and 1


def pyvmomi_bulk(sim):
    """Fetch the properties that we fetch with plain pyvmomi, and make nothing of them."""
    service = plain(sim)
    content = service.RetrieveContent()
    collector = content.propertyCollector
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    step = COLLECTOR.TraversalSpec(name="view", path="view", skip=False, type=vim.view.ContainerView)
    start = COLLECTOR.ObjectSpec(obj=view, skip=True, selectSet=[step])
    props = COLLECTOR.PropertySpec(type=vim.VirtualMachine, all=False, pathSet=list(bulk._PATHS))
    spec = COLLECTOR.FilterSpec(objectSet=[start], propSet=[props])

    def run():
        page, count = collector.RetrievePropertiesEx([spec], COLLECTOR.RetrieveOptions()), 0
        while page:
            count += len(page.objects)
            page = collector.ContinueRetrievePropertiesEx(page.token) if page.token else None
        return count

    return run


def pyvmomi_attributes(sim):
    """Read attributes as many scripts do: each is a call, and ``config`` is read once."""
    content = plain(sim).RetrieveContent()

    def run():
        view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
        return len([(vm.name, vm.summary.runtime.powerState, vm.config.hardware.device) for vm in view.view])

    return run


class Wire:
    """The requests of ``getAllXMLDesc()`` once more, over one connection, with nothing done to the answers."""

    def __init__(self, sim):
        conn = opened(sim)
        self.conn = conn  # it logs out when nobody refers to it
        self.stub = conn.backend.session.stub
        self.requests = []
        write = self.stub.SerializeRequest
        self.stub.SerializeRequest = lambda *call: self.requests.append(write(*call)) or self.requests[-1]
        for _ in conn.getAllXMLDesc():
            pass
        self.stub.SerializeRequest = write
        self.connection = http.client.HTTPSConnection(sim["host"], sim["port"], context=unverified())

    def answers(self):
        for request in self.requests:
            self.connection.request("POST", "/sdk", request, self.stub.headers())
            yield self.connection.getresponse().read()


def raw(sim):
    """Transfer the bytes of our answers, and nothing else."""
    wire = Wire(sim)
    return lambda: sum(answer.count(b"<objects>") for answer in wire.answers()) // 2  # listed, then read


def decoded(sim, how):
    wire = Wire(sim)
    answers = list(wire.answers())[1:]
    how(wire.stub, answers[0])  # types are loaded when they are first needed
    return lambda: sum(how(wire.stub, answer) for answer in answers)


def ours(stub, answer):
    """Decode as bulk reads do: an object at a time."""
    return sum(1 for _ in decode(stub, answer, Paged(bulk.UNREAD)))


def theirs(stub, answer):
    reader = SoapResponseDeserializer(SoapStubAdapter(version=stub.version))
    return len(reader.Deserialize(answer, COLLECTOR.RetrieveResult).objects)


CONTENDERS = {
    "raw": raw,
    "all": all_xml,
    "each": each_xml,
    "prefetched": prefetched_xml,
    "looked up": looked_up_xml,
    "list": listed,
    "one": one_xml,
    "pyvmomi bulk": pyvmomi_bulk,
    "pyvmomi attributes": pyvmomi_attributes,
    "decode": functools.partial(decoded, how=ours),
    "pyvmomi decode": functools.partial(decoded, how=theirs),
}


def main():
    run = CONTENDERS[sys.argv[1]](json.load(sys.stdin))
    started = time.perf_counter()
    machines = run()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "machines": machines, "peak": peak}))


if __name__ == "__main__":
    main()
