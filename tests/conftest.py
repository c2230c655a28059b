"""One way to run the project's own tests in three modes: replayed (the default), ``--live`` and ``--record``."""

from importlib.metadata import entry_points

# The plugin comes by its entry point when the package is installed, as with tox.
_INSTALLED = any(entry.name == "esxdriver" for entry in entry_points(group="pytest11"))
pytest_plugins = ["pytester"] if _INSTALLED else ["pytester", "esxdriver.recording.plugin"]
