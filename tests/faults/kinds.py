"""What can happen to a call, one row each, and to that call alone or to all from it on."""

from dataclasses import dataclass, field

TIMEOUT = 2  # seconds of silence after which the driver gives an answer up: the URI's timeout=


@dataclass(frozen=True)
class Kind:
    """``fault``, ``options`` and the calls that it is ``of`` are esxsim's; ``repeatable``: a read has its right answer."""

    name: str
    fault: str
    options: dict = field(default_factory=dict)
    repeatable: bool = False
    lasting: bool = False
    of: str = "*"

    @property
    def spoils_answers(self) -> bool:
        """Whether the answer to a change is lost, and not a property of something else."""
        return self.fault not in {"withheld", "mistyped"}

    def arm(self, sim, call: int) -> None:
        """Let the ``call``-th call from now on, of whatever operation, go wrong."""
        times = 10**6 if self.lasting else 1
        sim.fault(self.of, self.fault, skip=call, times=times, **self.options)


KINDS = [
    Kind("closed before", "close-before", repeatable=True),
    Kind("closed after", "close-after", repeatable=True),
    Kind("cut", "cut", repeatable=True),
    Kind("delayed", "hang", {"seconds": 0.1}, repeatable=True),
    Kind("silent until it is given up", "hang", {"seconds": 4}),
    Kind("done, and silent until it is given up", "hang", {"seconds": 4, "execute": True}),
    Kind("503", "503", repeatable=True),
    Kind("503 after it was done", "503", {"execute": True}, repeatable=True),
    Kind("expired", "expire", repeatable=True),
    Kind("blank", "blank", {"execute": True}),
    Kind("no XML", "garbage", {"execute": True}, repeatable=True),
    Kind("empty", "empty", {"execute": True}),
    Kind("another type", "other", {"execute": True}),
    Kind("a document type", "dtd"),
    Kind("too large", "large"),
    Kind("damaged gzip", "gzip", repeatable=True),
    Kind("withheld", "withheld"),
    Kind("properties of another type", "mistyped"),
    Kind("closed from then on", "close-before", lasting=True),
    Kind("expired from then on", "expire", lasting=True),
    Kind("503 from then on", "503", lasting=True),
    Kind("empty from then on", "empty", {"execute": True}, lasting=True),
    Kind("withheld from then on", "withheld", lasting=True),
]

# What happens to a transfer of a file: the calls around it are as they should be.
OF_TRANSFERS = [
    Kind(f"transfer {name}", fault, options, of="/folder", lasting=name.endswith("then on"))
    for name, fault, options in (
        ("closed before", "close-before", {}),
        ("closed after", "close-after", {}),
        ("cut", "cut", {}),
        ("kept by half", "half", {}),
        ("503", "503", {}),
        ("503 after it was done", "503", {"execute": True}),
        ("blank", "blank", {"execute": True}),
        ("of something else", "garbage", {"execute": True}),
        ("expired", "expire", {}),
        ("closed from then on", "close-before", {}),
        ("expired from then on", "expire", {}),
    )
]
