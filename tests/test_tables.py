"""Tables that stand in a text, for people, say what the code says."""

import re
from itertools import takewhile
from pathlib import Path

import click
import libvirt
import pytest

from esxdriver import uri
from esxdriver.cli import SECTIONS, cli
from esxdriver.cli.commands.native import from_native
from esxdriver.conf.devices import disk_mode_xml
from esxdriver.conf.mapping.enums import DiskMode, DiskModeXML
from esxdriver.daemon.command import command as virtesxd

README = (Path(__file__).parents[1] / "README.md").read_text()


def rows(text, head):
    """Return the cells of the table below the line that begins with ``head``, without backquotes."""
    lines = text[text.index(head) :].splitlines()
    table = list(takewhile(lambda line: line.startswith("|"), lines))
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in table[2:]]


def yes(value):
    return "yes" if value else "no"


def test_the_readmes_modes_are_the_enums():
    said = {}
    for names, snapshot, persistent, _, defined in rows(README, "| vSphere's mode |"):
        for name in re.sub(r"\(.*\)", "", names).split(","):
            said[name.strip()] = (snapshot, persistent, defined.partition(":")[0])
    assert said == {mode.vim: (yes(mode.snapshot), yes(mode.persistent), yes(mode.definable)) for mode in DiskMode}


def test_the_modes_in_xml_are_those_of_the_docstring():
    said = {cells[0].partition(" (")[0] for cells in rows(disk_mode_xml.__doc__, "| snapshot, persistent |")}
    assert said == {f"{yes(mode.snapshot)}, {yes(mode.persistent)}" for mode in DiskMode}


def test_a_uri_and_a_command_accept_the_spellings_that_can_be_written():
    spellings = [each.xml for each in DiskModeXML]
    option = next(each for each in from_native.params if each.name == "disk_mode")
    assert list(option.type.choices) == spellings
    for each in spellings:
        assert uri.parse(f"esx://host/?disk_mode={each}").disk_mode == each
    with pytest.raises(libvirt.libvirtError, match=" or ".join(spellings)):
        uri.parse("esx://host/?disk_mode=none")


def test_the_readme_knows_every_parameter_of_a_uri():
    said = {cells[0].partition("=")[0] for cells in rows(README, "| parameter | meaning |")}
    assert said == set(uri.PARAMETERS)


@pytest.mark.parametrize("command", [name for *_, names in SECTIONS for name in names.split()])
def test_the_readme_knows_every_command(command):
    assert f"`{command}`" in README or f"esxdriver {command}" in README


# Options of other programs that the README shows.
_OTHERS = {"virsh": {"--event"}, "virt-install": {"--network", "--video"}, "systemctl": {"--now"}}


def options(command):
    """Return all options of a command and of those below it, and the names by which arguments may be given."""
    found = {"--help"}
    for each in command.params:
        found.update(getattr(each, "names", ()), each.opts, each.secondary_opts)
    if isinstance(command, click.Group):
        context = click.Context(command)
        found.update(*(options(command.get_command(context, name)) for name in command.list_commands(context)))
    return found


def test_the_readme_names_only_options_that_there_are(pytestconfig):
    said = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README))
    plugin = {each for each in said if each.startswith("--esx-")}
    for each in plugin:
        pytestconfig.getoption(each)  # a ValueError where there is none
    assert said - plugin - options(cli) - options(virtesxd) - set().union(*_OTHERS.values()) == set()
