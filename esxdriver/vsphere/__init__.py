"""vSphere's words: the only importer of pyVmomi."""
