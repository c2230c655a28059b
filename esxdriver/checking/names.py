"""What a report calls the domains, datastores and snapshots of a site: by numbers, unless names are wanted."""


class Names:
    """Numbers for names: the same name of the same sort has the same number throughout.

    With ``shown``, the name itself stands after the number.
    """

    def __init__(self, *, shown: bool = False) -> None:
        self.shown = shown
        self._numbers: dict[str, dict[str, int]] = {}

    def of(self, sort: str, name: str, key: str = "") -> str:
        """Return what the report calls something, as ``domain 3``; ``sort`` is what it is.

        ``key`` tells it from others where names do not.
        """
        numbers = self._numbers.setdefault(sort, {})
        number = numbers.setdefault(key or name, len(numbers) + 1)
        return f"{sort} {number} '{name}'" if self.shown else f"{sort} {number}"

    def detail(self, text: str) -> str:
        """Return a text that may hold names of the site, or nothing where these are not wanted."""
        return text if self.shown else ""
