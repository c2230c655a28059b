"""Every input ends in a value or in the error that was promised, in bounded time and memory.

``pytest tests/fuzz --seconds=8`` gives each target so many seconds; ``tox run -e fuzz`` gives a minute. Inputs are
good ones with a few edits, which hypothesis draws and, when one fails, makes fewer.
"""
