"""Recorded answers, decoded by pyVmomi."""

import io

from pyVmomi import vmodl
from pyVmomi.SoapAdapter import SoapResponseDeserializer, SoapStubAdapter

from esxdriver.vsphere.machine.types import class_of
from tests import corpus

_VERSION = "vim.version.v8_0_2_0"


def property_of(path):
    """Return the one property that a recorded RetrievePropertiesEx answer holds."""
    return _first_object(path).propSet[0].val


def _first_object(path):
    stub = SoapStubAdapter("nowhere", version=_VERSION)
    result = vmodl.query.PropertyCollector.RetrieveResult
    answer = SoapResponseDeserializer(stub).Deserialize(io.BytesIO(path.read_bytes()), result)
    return answer.objects[0]


def configurations():
    """Yield the name and configuration of each recorded machine of the corpus; none, where it is not here."""
    for path in sorted(corpus.FOLDER.glob("recorded/*/*.xml")):
        kept = [prop.val for prop in _first_object(path).propSet if prop.name == "config"]
        if kept and class_of(kept[0]) == "VirtualMachineConfigInfo":
            yield f"{path.parent.name}/{path.stem}", kept[0]
