"""Recorded answers, decoded by pyVmomi."""

import io

from pyVmomi import vmodl
from pyVmomi.SoapAdapter import SoapResponseDeserializer, SoapStubAdapter

_VERSION = "vim.version.v8_0_2_0"


def property_of(path):
    """Return the one property that a recorded RetrievePropertiesEx answer holds."""
    stub = SoapStubAdapter("nowhere", version=_VERSION)
    result = vmodl.query.PropertyCollector.RetrieveResult
    answer = SoapResponseDeserializer(stub).Deserialize(io.BytesIO(path.read_bytes()), result)
    return answer.objects[0].propSet[0].val
