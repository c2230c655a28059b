"""A project of somebody else's, in ``outside/``: it uses the public plugin and nothing more."""

import shutil
from pathlib import Path

import pytest

import esxdriver
from esxdriver import recording
from tests.conftest import sim_uri

OUTSIDE = Path(__file__).with_name("outside")
CASSETTE = Path("cassettes/lab.yaml")
# Only where the package is not installed must the plugin be named.
ARGS = ("-p", "no:esxdriver", "-p", "esxdriver.recording.plugin", "-p", "no:unraisableexception")


@pytest.fixture
def outside(pytester, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(esxdriver.__file__).parents[1]))
    shutil.copytree(OUTSIDE, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return pytester


def test_its_tests_pass_without_a_host(outside):
    result = outside.runpytest_subprocess(*ARGS)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["esx cassettes: * replayed, 0 recorded, 0 missed"])


def test_its_cassette_may_be_published():
    assert recording.check(OUTSIDE / CASSETTE) == []


@pytest.mark.live
@pytest.mark.records
def test_its_cassette_is_recorded_with_an_option(outside, sim, monkeypatch, request):
    (outside.path / CASSETTE).unlink(missing_ok=True)
    auth = outside.path / "auth.conf"
    auth.write_text(
        f"[credentials-lab]\nusername={sim.user}\npassword={sim.password}\n[auth-esx-default]\ncredentials=lab\n"
    )
    monkeypatch.setenv("LIBVIRT_AUTH_FILE", str(auth))
    record = ("--esx-record-mode=new_episodes", f"--esx-record-uri={sim_uri(sim)}")
    outside.runpytest_subprocess(*ARGS, *record).assert_outcomes(passed=2)
    assert sim.password not in (outside.path / CASSETTE).read_text()
    outside.runpytest_subprocess(*ARGS).assert_outcomes(passed=2)
    if request.config.getoption("--record"):
        shutil.copy(outside.path / CASSETTE, OUTSIDE / CASSETTE)
