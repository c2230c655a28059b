"""Fetches other people's programs, unmodified, into the directory that is given: ``python install.py DIRECTORY``.

Of each archive only the part is unpacked that the tests run. No archive's own installation is run, but to tell pip its
name; Debian's virtinst and munin-libvirt-plugins are had where there is apt. What cannot be had is said, and its tests
are skipped, and say so, too.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

HERE = Path(__file__).parent
# The only part of an archive that is wanted, by what its name begins with; of all others everything is.
PARTS = {
    "ansible-": "ansible_collections/community/libvirt/",
    "ansible_core-": "ansible/",
    "libvirt_python-": "examples/",
    "salt-": "salt/",
}
# From PyPI as sources: pip builds nothing of these, but asks them what they are called, with this Python's setuptools.
SOURCES = ("libvirt-python==", "salt==")
DEBIAN = ("virtinst", "python3-libxml2")


def part_of(archive):
    return next((part for start, part in PARTS.items() if archive.name.startswith(start)), "")


def unpack(archive, directory):
    """Unpack an archive's part; a source's files are in a directory of its own, which is left out."""
    part = part_of(archive)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(directory, [name for name in wheel.namelist() if name.startswith(part)])
        return
    with tarfile.open(archive) as source:
        for member in filter(tarfile.TarInfo.isfile, source):
            inside = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            if str(inside).startswith(part) and ".." not in inside.parts:
                (directory / inside).parent.mkdir(parents=True, exist_ok=True)
                (directory / inside).write_bytes(source.extractfile(member).read())


def run(*words, **options):
    done = subprocess.run(words, check=False, **options)
    if done.returncode:
        sys.stderr.write(f"could not: {' '.join(map(str, words))}\n")
    return done.returncode == 0


def from_pypi(directory):
    archives = directory / "archives"
    wanted = [line for line in (HERE / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    sources = [each for each in wanted if each.startswith(SOURCES)]
    pip = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", archives)
    run(*pip, *(each for each in wanted if each not in sources))
    for each in sources:
        run(*pip, "--no-build-isolation", "--no-binary", ":all:", each)
    for archive in sorted(archives.iterdir()):
        unpack(archive, directory / "site")
    shutil.rmtree(archives)


def from_debian(directory):
    if not shutil.which("apt-get"):
        return
    root = [] if os.geteuid() == 0 else ["sudo"]
    apt = (*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq")
    run(*apt, "update")
    run(*apt, "install", "-y", "--no-install-recommends", *DEBIAN, stdout=subprocess.DEVNULL)
    # Its plugins are single files; installed, they would bring munin's daemon.
    run("apt-get", "-qq", "download", "munin-libvirt-plugins", cwd=directory, stderr=subprocess.DEVNULL)
    for package in directory.glob("munin-libvirt-plugins_*.deb"):
        run("dpkg-deb", "-x", package, directory / "munin")


def main(directory):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    with ThreadPoolExecutor() as both:
        list(both.map(lambda fetch: fetch(directory), (from_pypi, from_debian)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
