"""Manual pages say what --help says, and roff takes them without complaint."""

import shutil
import subprocess

import click
import pytest
from click.testing import CliRunner

from esxdriver.cli import SECTIONS, cli, roff
from esxdriver.daemon.config import Config, manual

COMMANDS = [name for _, _, names in SECTIONS for name in names.split()]


def page(program):
    result = CliRunner().invoke(cli, ["manual", program])
    assert result.exit_code == 0
    return result.output


def test_every_command_and_option_stands_in_the_page():
    text = page("esxdriver").replace("\\-", "-")
    ctx = click.Context(cli, info_name="esxdriver")
    for name in COMMANDS:
        assert f'.SS "{name}' in text
        for parameter in cli.get_command(ctx, name).get_params(ctx):
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert option in text


def test_the_daemons_page_has_its_options_and_every_key():
    text = page("virtesxd").replace("\\-", "-")
    assert ".TH VIRTESXD 8" in text
    for option in ("--connect", "--stdio", "--timeout", "--install-units"):
        assert option in text
    for name in Config.__dataclass_fields__:
        assert name in text


def test_keys_have_the_defaults_that_the_daemon_has():
    found = dict(manual())
    assert "max_clients = 5000" in found
    assert 'tls_port = "16514"' in found
    assert "listen_tls = false" in found
    assert "allowed_users = []" in found


# Text, what roff is given
ESCAPES = [
    ("a-b", "a\\-b"),
    (".hidden", "\\&.hidden"),
    ("'quoted", "\\&'quoted"),
    ("back\\slash", "back\\eslash"),
    ('a "b"', "a \\(dqb\\(dq"),
]


@pytest.mark.parametrize(("text", "escaped"), ESCAPES)
def test_what_roff_would_take_for_its_own_is_escaped(text, escaped):
    assert list(roff.section("x", text))[1] == escaped


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")
@pytest.mark.parametrize("program", ["esxdriver", "virtesxd"])
def test_roff_has_nothing_to_complain_of(program):
    ran = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", "-z"], input=page(program), capture_output=True, text=True, check=True
    )
    assert ran.stderr == ""
