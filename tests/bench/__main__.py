"""Run the benchmark and print its tables. ESXSIM and GOVC name the binaries; without GOVC its row is left out."""

import argparse
import math
import os

import click

from esxdriver.vsphere.query.scan import PART
from tests.bench import replayed, table, vmx
from tests.bench.running import SESSION, Result, measured, scaled
from tests.sim import Sim

# What is measured at each size, and up to which size at most.
ROWS = (
    ("raw", "the bytes, and nothing else", math.inf),
    ("all", "esxdriver: getAllXMLDesc()", math.inf),
    ("prefetched", "esxdriver: prefetch(), XMLDesc() each", 1000),
    ("each", "esxdriver: XMLDesc() each", 1000),
    ("looked up", "esxdriver: dumpxml NAME (estimated)", 1000),
    ("pyvmomi bulk", "pyvmomi in bulk, no XML", math.inf),
    ("pyvmomi attributes", "pyvmomi, attribute by attribute", 100),
    ("govc", "govc object.collect, no XML", math.inf),
)
ROUNDS = 3  # the quickest counts, up to 1000 machines


def measure(sim: Sim, size: int, delay: int, rounds: int) -> dict[str, Result]:
    """Measure and print every row of one simulator."""
    results: dict[str, Result] = {}
    for name, what, most in ROWS:
        if size > most or (name == "govc" and "GOVC" not in os.environ):
            continue
        quick = name not in ("each", "looked up", "pyvmomi attributes")
        result = measured(sim, name, rounds if quick and size <= 1000 else 1)
        results[name] = scaled(result, results["raw"].machines) if name == "looked up" else result
        click.echo(table.row(what, delay, results[name], results["raw"]))
    return results


def note(far: dict[str, Result]) -> str:
    """Say how far XMLDesc() of listed domains is off at a delay, which waits a thousand times whatever it does."""
    each, ours, wire = (far[name].seconds for name in ("each", "all", "raw"))
    return f"XMLDesc() of each listed domain, at 20 ms: {each / ours:.0f} times ours, {each / wire:.0f} times the bytes alone"


def goals(sim: Sim, now: dict[str, Result], far: dict[str, Result], rounds: int) -> list[table.Goal]:
    """Return what has to be reached with 1000 machines: ``now`` without a delay, ``far`` with one."""
    ours = now["all"]
    decode, theirs = measured(sim, "decode", rounds), measured(sim, "pyvmomi decode", rounds)
    live, replay = replayed.compared(sim)
    looked_up, far_off = far["looked up"].seconds, far["all"].seconds
    return [
        table.Goal("all to XML, against the raw transfer", 2.0, ours.seconds / now["raw"].seconds),
        table.Goal("pyvmomi in bulk without XML, against it", 2.5, now["pyvmomi bulk"].seconds / ours.seconds, True),
        table.Goal("dumpxml NAME of each, at 20 ms, against it", 40, looked_up / far_off, True),
        table.Goal("pyvmomi's decoder, against ours", 5, theirs.seconds / decode.seconds, True),
        table.Goal("calls of all to XML: pages + 5", math.ceil(ours.machines / PART) + 5, ours.calls),
        table.Goal("calls of a list, after login", 3, measured(sim, "list").calls - SESSION),
        table.Goal("calls of a dumpxml, after login", 3, measured(sim, "one").calls - SESSION),
        table.Goal(f"{replayed.CALLS} recorded calls replayed, against live", 1.0, replay / live),
    ]


def memory() -> table.Goal:
    """Compare the peaks of 5000 and of 500 machines."""
    peaks = []
    for size in (500, 5000):
        with Sim.start("esx", vms=size) as sim:
            peaks.append(measured(sim, "all").peak)
    return table.Goal("peak memory of 5000 domains, against 500", 1.5, peaks[1] / peaks[0])


def files() -> list[table.Goal]:
    """Measure the conversion of VMX files, which asks no host."""
    return [
        table.Goal("ms for a VMX file of 200 lines to XML", 3, vmx.milliseconds()),
        table.Goal(f"VMX files a second, {vmx.FILES} in one command", 300, vmx.files_a_second(), True),
    ]


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--vms", type=int, nargs="*", default=[100, 1000, 5000], help="sizes of the inventory")
    asked.add_argument("--delays", type=int, nargs="*", default=[0, 20], help="milliseconds added to each call")
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    options = asked.parse_args()
    click.echo(table.heading())
    found = {}
    for size in options.vms:
        for delay in options.delays:
            with Sim.start("esx", vms=size, delay=delay) as sim:
                found[size, delay] = measure(sim, size, delay, options.rounds)
    if 1000 in options.vms and {0, 20} <= set(options.delays):
        with Sim.start("esx", vms=1000) as sim:
            reached = goals(sim, found[1000, 0], found[1000, 20], options.rounds)
        click.echo("\n" + table.verdicts([*reached, memory(), *files()]))
        click.echo(note(found[1000, 20]))


if __name__ == "__main__":
    main()
