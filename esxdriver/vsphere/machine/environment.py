"""What machines the hosts of a scope can run. It is asked once a session: hosts seldom get a new version.

Source: vSphere API, EnvironmentBrowser, QueryConfigOptionDescriptor, QueryConfigOption.
"""

from typing import Any

from pyVmomi import vim

from esxdriver.vsphere.machine.offer import Offer, offer_of
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found, below, each_of
from esxdriver.vsphere.wire.session import Session

_PATHS = ("name", "environmentBrowser")
_KEY = "vmx-"


class Environment:
    """Remembers what the computing resources of a scope, each a host or a cluster, have said."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self._session = session
        self._scope = scope
        self._computers: list[Found] | None = None
        self._versions: dict[Any, dict[int, bool]] = {}
        self._offers: dict[tuple[Any, int], Offer] = {}

    def computers(self) -> list[Found]:
        """Return the computing resources that this user may ask, in one round trip."""
        if self._computers is None:
            one = self._scope.computer
            if one is None:
                found = below(self._session, self._scope.root, {vim.ComputeResource: _PATHS})
            else:
                found = each_of(self._session, {one: _PATHS})
            self._computers = [each for each in found if each["environmentBrowser"] is not None]
        return self._computers

    def versions(self) -> list[int]:
        """Return the hardware versions that every computing resource makes machines of, the oldest first."""
        known = [set(self.versions_of(each)) for each in self.computers()]
        return sorted(set.intersection(*known)) if known else []

    def versions_of(self, computer: Found) -> dict[int, bool]:
        """Return the versions of one computing resource, each with whether a machine gets it when nobody says."""
        browser = computer["environmentBrowser"]
        if browser not in self._versions:
            self._versions[browser] = {
                int(each.key[len(_KEY) :]): bool(each.defaultConfigOption)
                for each in browser.QueryConfigOptionDescriptor() or ()
                if each.createSupported is not False and each.key.startswith(_KEY) and each.key[len(_KEY) :].isdecimal()
            }
        return self._versions[browser]

    def offer(self, computer: Found, version: int) -> Offer | None:
        """Return what a computing resource offers to machines of a version, None where it says nothing."""
        key = computer["environmentBrowser"], version
        if key not in self._offers:
            option = key[0].QueryConfigOption(f"{_KEY}{version:02}", self._scope.host)
            if option is None:
                return None
            self._offers[key] = offer_of(option)
        return self._offers[key]
