"""Statistics: vSphere keeps samples of the last hour, libvirt's figures are totals that rise.

1. ``counters`` says which of vSphere's counters each figure comes from, and what turns one's unit into the other's.
2. ``samples`` asks a host for the latest samples of many machines, in one call.
3. ``totals`` adds them up, each sample once.
4. ``statistics`` keeps the totals of those machines that somebody asks about. Nothing runs by itself: samples are asked
   for when somebody asks for figures.
"""
