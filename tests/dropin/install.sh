#!/bin/sh
# Fetches libvirt-python's source, whose examples are run, into the directory that is given.
set -eu
directory=$1
cd "$directory"
# pip wants to know what the source needs, which libvirt's headers would have to tell; the file is there by then.
python -m pip download -q --no-deps --no-binary :all: -d . libvirt-python==12.8.0 || true
mkdir -p libvirt-python
tar -xzf libvirt*.tar.gz -C libvirt-python --strip-components 1
