#!/bin/sh
# Installs what tests/qemu/test_real.py runs: libvirtd, its QEMU driver and QEMU. No service is started.
set -eu
root=$([ "$(id -u)" = 0 ] || command -v sudo || echo false)
$root apt-get update -q
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
  libvirt-daemon libvirt-daemon-driver-qemu qemu-system-x86 qemu-utils
