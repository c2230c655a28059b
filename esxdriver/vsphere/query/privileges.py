"""Which privileges the session's user has on an object."""

from collections.abc import Sequence
from typing import Any

from esxdriver.vsphere.query.retrieve import properties
from esxdriver.vsphere.wire.session import Session


def lacking(session: Session, ref: Any, privileges: Sequence[str]) -> list[str]:
    """Return those of ``privileges`` that the user of the session does not have on an object, in two round trips.

    Where the host has nobody to ask, or says nothing of a privilege, that is not known to be lacking.
    """
    if session.content.authorizationManager is None or session.content.sessionManager is None:
        return []
    current = properties(session, session.content.sessionManager, "currentSession")["currentSession"]
    if current is None:
        return []
    found = session.content.authorizationManager.HasPrivilegeOnEntities([ref], current.key, list(privileges))
    refused = {each.privId for entity in found or () for each in entity.privAvailability if not each.isGranted}
    return [name for name in privileges if name in refused]
