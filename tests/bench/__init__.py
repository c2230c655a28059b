"""How fast the driver reads, against plain pyvmomi, govc and the wire: ``tox run -e bench``.

Every figure is of one run on one machine against esxsim, so only ratios mean anything. Each contender runs in a
process of its own and is timed from after its login to the last domain; the imports are not counted.
"""
