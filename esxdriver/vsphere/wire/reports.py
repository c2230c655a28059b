"""What a property collector reports of what it watches, read without making an ``UpdateSet`` first.

A value that cannot be used is missing from its own object alone: what else is reported stands.
Source: vSphere Web Services API, PropertyCollector, WaitForUpdatesEx, UpdateSet, ObjectUpdate, PropertyChange.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from esxdriver.vsphere.wire.contents import Content, ContentReaders
from esxdriver.vsphere.wire.decode import Direct
from esxdriver.vsphere.wire.readers import Element, local

log = logging.getLogger(__name__)


class Report(NamedTuple):
    """What is reported of one object: the properties that have another value now, None for one that is unset.

    ``left`` says that it is not watched any more.
    """

    left: bool
    content: Content


class Reports(NamedTuple):
    """A part of what is reported: the version that it leads to, and whether more follows at once."""

    version: str
    reports: Sequence[Report]
    truncated: bool


class ReportsResult(Direct):
    """The result type of ``WaitForUpdatesEx`` whose answer is to be :class:`Reports`."""

    def read(self, response: Element, readers: ContentReaders, stub: Any, *, marked: bool) -> Reports | None:
        """Return what is reported; None when the answer is empty. Raises ValueError for one that makes no sense."""
        if not len(response):
            return None
        said = {local(child.tag): child.text or "" for child in response[0]}
        if not said.get("version"):
            raise ValueError("it does not say to which version it leads")
        return Reports(
            said["version"], list(_reports(response[0], readers, stub, marked)), said.get("truncated") in ("true", "1")
        )


def _reports(updates: Element, readers: ContentReaders, stub: Any, marked: bool) -> Iterator[Report]:
    for each in (child for child in updates if local(child.tag) == "filterSet"):
        for update in (child for child in each if local(child.tag) == "objectSet"):
            try:
                yield _report(update, readers, stub, marked)
            except ValueError as error:
                log.warning("a report of the host is of no use: %s", error)


def _report(update: Element, readers: ContentReaders, stub: Any, marked: bool) -> Report:
    kind = next((child.text for child in update if local(child.tag) == "kind"), None)
    return Report(kind == "leave", readers.content(update, stub, marked=marked))
