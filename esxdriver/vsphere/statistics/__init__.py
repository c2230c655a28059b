"""Statistics: vSphere's counters, which say what was in the last seconds, as libvirt's totals, which rise."""
