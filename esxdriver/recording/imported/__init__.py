"""What somebody has saved of a host, made a cassette of: so that it answers as the host would have.

1. ``sources`` reads what was sent, none of it trusted: cassettes, what ``govc object.save`` writes, SOAP answers.
2. ``objects`` keeps the properties of each object as they were saved, and finds those of a path in them.
3. ``site`` adds what the driver looks for and nobody has saved: folders that hold the machines, an ``about``.
4. ``host`` answers the driver's calls from them: nothing that was not saved is answered with a value.
5. ``make`` lets the driver ask that host everything, and records it as it would any other.
"""
