"""Machines whose files lie on a datastore and that no host knows: the way back from undefining them.

Source: vSphere API, Folder.RegisterVM_Task.
"""

import libvirt
from pyVmomi import vim

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.errors import error
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found, properties
from esxdriver.vsphere.query.task import wait
from esxdriver.vsphere.wire.faults import translated
from esxdriver.vsphere.wire.session import Session

_CONFIGURATION = (".vmx", ".vmtx")


def register(session: Session, scope: Scope, path: str, *, auto_answer: bool) -> Found:
    """Make the machine whose configuration is the file ``path`` known, and return it with what tells it from others.

    Its disks have the modes that stand in the file. Raises INVALID_ARG for what is no configuration file,
    NO_STORAGE_POOL, NO_STORAGE_VOL and the codes of the host's faults; then nothing has changed.
    """
    file = DatastorePath.parse(path) or DatastorePath.of_volume(path)
    if file is None or not file.datastore or not file.path.endswith(_CONFIGURATION):
        raise error(
            libvirt.VIR_ERR_INVALID_ARG,
            f"'{path}' is no configuration file: write it as '[datastore] directory/file.vmx'",
        )
    with translated(f"cannot register '{path}'"):
        site = inventory.site_for(session, scope, file.datastore)
        task = site.folder.RegisterVM_Task(path=str(file), asTemplate=False, pool=site.pool, host=site.host)
        try:
            ref = wait(session, task, auto_answer=auto_answer, result=vim.VirtualMachine)
        except vim.fault.NotFound:
            raise error(libvirt.VIR_ERR_NO_STORAGE_VOL, f"cannot register '{path}': there is no such file") from None
        return properties(session, ref, *inventory.IDENTITY)
