"""The README's demo: commands and what they say, from a recording. ``--record`` makes that afresh from esxsim.

All commands go through one open cassette, so that those after the ``define`` see what it changed.
"""

import contextlib
import difflib
import io
import os
import sys
import tempfile
from pathlib import Path

from click import echo

from esxdriver import recording
from esxdriver.cli import cli
from esxdriver.cli.target import Target
from esxdriver.recording.inventory import look_at_everything
from tests.sim import Sim

CASSETTE = Path(__file__).parent.parent / "cassettes" / "demo.yaml"
_OLD, _NEW = "snapshot='yes'", "snapshot='no'"


class Demo:
    """Echoes commands as a shell does, and runs them over one cassette."""

    def __init__(self, cassette: recording.Cassette, uri: str | None = None) -> None:
        self._target = Target(cassette=cassette)
        self._uri = ["--connect", uri] if uri else []

    def run(self, *words: str) -> None:
        """Run a command of esxdriver."""
        cli.main([*self._uri, *words], obj=self._target, standalone_mode=False)

    def output(self, *words: str) -> str:
        """Run one and return what it prints."""
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            self.run(*words)
        return printed.getvalue()

    def show(self, *words: str) -> None:
        """Echo and run one."""
        say("esxdriver " + " ".join(words))
        self.run(*words)


def say(command: str) -> None:
    echo(f"\n$ {command}")


def play(demo: Demo) -> None:
    """Make web01's first disk independent of snapshots, and look what became of it."""
    demo.show("list", "--all")
    demo.show("domblklist", "web01", "--details")
    demo.show("dumpxml", "web01")
    say("esxdriver dumpxml web01 > web01.xml")
    before = demo.output("dumpxml", "web01")
    say(f'sed "0,/{_OLD}/ s//{_NEW}/" web01.xml > edited.xml    # the first disk')
    edited = before.replace(_OLD, _NEW, 1)
    Path("edited.xml").write_text(edited)
    demo.show("define", "edited.xml")
    say("esxdriver dumpxml web01 | diff -u web01.xml -")
    after = demo.output("dumpxml", "web01")
    echo("\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), "web01.xml", "-", lineterm="")))
    assert after == edited, "the define did not do what was asked"
    demo.show("domblklist", "web01", "--details")
    echo("\n# Nothing differs any more, so this asks the host to change nothing:")
    demo.show("define", "edited.xml")


def record() -> None:
    """Record the demo, and what looking at any domain needs, from a fresh esxsim."""
    with Sim.start() as sim:
        os.environ |= {"GOVC_USERNAME": sim.user, "GOVC_PASSWORD": sim.password}
        uri = f"esx://{sim.user}@{sim.host}:{sim.port}/?thumbprint={sim.fingerprint.replace(':', '')}"
        CASSETTE.parent.mkdir(exist_ok=True)
        cassette = recording.record(CASSETTE, recording.live(uri), mode="rewrite")
        cassette.head["source"] = "esxsim, the simulator of this project's tests"
        with cassette:
            with recording.connect(uri, cassette) as conn:
                look_at_everything(conn)
            play(Demo(cassette, uri))


def main() -> None:
    # The commands name files as in a shell, so they get a directory of their own.
    with tempfile.TemporaryDirectory(prefix="esxdriver-demo-") as directory, contextlib.chdir(directory):
        if sys.argv[1:] == ["--record"]:
            record()
        else:
            echo("Replayed from cassettes/demo.yaml: no host is asked.")
            play(Demo(recording.replay(CASSETTE)))


if __name__ == "__main__":
    main()
