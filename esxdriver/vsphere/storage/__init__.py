"""vSphere's storage as libvirt has it: datastores are pools, the disks and images on them volumes.

1. ``datastores`` reads the datastores of a scope, all of them in one round trip.
2. ``search`` finds the files of a datastore, by one search, or a file in its directory, by another.
3. ``usage`` says which machines and snapshots have a file, before anything is done to it.
4. ``filters`` chooses by the flags of libvirt's list of pools.
5. ``disks`` makes, copies, grows, wipes and deletes; ``transfer`` moves their data over HTTP.
"""
