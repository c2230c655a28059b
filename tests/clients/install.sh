#!/bin/sh
# Installs what the tests of this directory run: programs from Debian, and the tests of libvirt-python into $1.
# What cannot be had is left out: the tests that need it are skipped, and say so.
set -u
programs="libvirt-clients libsasl2-modules netcat-openbsd virtinst virt-manager xvfb dbus-x11 libsys-virt-perl python3-libvirt"
programs="$programs ansible python3-lxml prometheus-libvirt-exporter chromium"
root=$([ "$(id -u)" = 0 ] || command -v sudo || echo false)
$root apt-get update -q || true
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $programs || true

directory=$1/libvirt-python
mkdir -p "$directory"
python -m pip download -q --no-deps --no-binary :all: -d "$directory" libvirt-python==12.8.0 || true
tar -xzf "$directory"/libvirt*.tar.gz -C "$directory" --strip-components 1 || true

# Its example needs what the installed libvirt knows, so it is the one of that version.
version=$(python -c 'import libvirt; n = libvirt.getVersion(); print(n // 10**6, n // 10**3 % 1000, n % 1000, sep=".")')
mkdir -p "$directory/own"
python -m pip download -q --no-deps --no-binary :all: -d "$directory/own" "libvirt-python==$version" || true
tar -xzf "$directory"/own/libvirt*.tar.gz -C "$directory/own" --strip-components 1 || true
