"""libvirt's test driver, in this process: each test has one with a domain of its own."""

from pathlib import Path

import libvirt
import pytest

import esxdriver

NODE = """<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    {domain}
  </domain>
  <domain type='test'><name>plain</name><memory>1024</memory><os><type>hvm</type></os></domain>
</node>
"""
WEB01 = """<name>web01</name>
    <uuid>97a43ce7-31e1-441d-aa90-5291c6c4de6a</uuid>
    <memory>1024</memory>
    <os><type arch='x86_64'>hvm</type></os>
    <devices>
      <disk type='file' device='disk'>
        <source file='/img/root.qcow2'/>
        <target dev='vda' bus='virtio'/>
      </disk>
      <disk type='file' device='disk' snapshot='no'>
        <source file='/img/data.qcow2'/>
        <target dev='vdb' bus='virtio'/>
      </disk>
      <disk type='file' device='disk' snapshot='no'>
        <source file='/img/tmp.qcow2'/>
        <target dev='vdc' bus='virtio'/>
        <transient/>
      </disk>
      <disk type='file' device='cdrom'>
        <source file='/img/install.iso'/>
        <target dev='hdc' bus='ide'/>
        <readonly/>
      </disk>
    </devices>"""


@pytest.fixture(autouse=True)
def _silent():
    """libvirt writes its errors to stderr, besides raising them."""
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    yield
    libvirt.registerErrorHandler(None, None)


@pytest.fixture
def uri(tmp_path: Path):
    """The URI of a node whose domains run: ``web01`` with a disk of each mode, and ``plain`` without disks."""
    file = tmp_path / "node.xml"
    file.write_text(NODE.format(domain=WEB01))
    return f"test://{file}"


@pytest.fixture
def conn(uri):
    with esxdriver.open(uri) as opened:
        yield opened


@pytest.fixture
def web01(conn):
    return conn.lookupByName("web01")
