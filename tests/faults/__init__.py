"""A fault at every call of every operation: what is left on the host, and what the error says of it.

``pytest --live --faults=short tests/faults`` runs a part that takes a minute or two, ``tox run -e faults`` all of it
(``--faults=whole``). :mod:`operations` has a row for each thing that the driver does, :mod:`kinds` one for each thing that can happen
to a call, and :mod:`judge` the rules that hold in every cell.
"""
