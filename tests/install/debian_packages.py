#!/usr/bin/env python3
"""Makes the Debian packages, installs them into a folder of their own, runs the server and builds a
program against the library, and removes them again.

    debian_packages.py --build FOLDER [--cpack PROGRAM] [--cmake PROGRAM]

Needs no root, and leaves the packages of the machine alone. Skipped (77) without dpkg.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.dont_write_bytecode = True

from lvng_server import CONTACTS, Client, Server, token

PACKAGES = ["liblvng-crm-dev", "lvng-server"]


def run(*command, **more):
    """The command's output; where it fails the test does, with all it said."""
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600, **more)
    if ended.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\nended with {ended.returncode}\n"
                         f"{ended.stdout}{ended.stderr}")
    return ended.stdout


def require(held, what):
    if not held:
        raise SystemExit(what)


class Machine:
    """A folder that packages are installed into, as if it were a machine without any."""

    def __init__(self, folder):
        self.folder = folder
        self.records = folder / "var/lib/dpkg"
        for name in ("info", "updates", "triggers"):
            (self.records / name).mkdir(parents=True)
        (self.records / "status").touch()
        (self.records / "available").touch()

    def dpkg(self, *arguments):
        # dpkg gives every file to root. Whoever is not root is it in a namespace of their own.
        as_root = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
        # What they depend on is on the real machine, see `check_dependencies`.
        return run(*as_root, "dpkg", "--root", self.folder, "--force-depends",
                   "--force-not-root", "--log=/dev/null", *arguments,
                   env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"})

    def files(self):
        return {path for path in self.folder.rglob("*")
                if not path.is_dir() and self.records not in path.parents}


def make_packages(options, folder):
    run(options.cpack, "--config", pathlib.Path(options.build, "CPackConfig.cmake"), "-B", folder,
        "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip")
    made = sorted(folder.glob("*.deb"))
    require([file.name.split("_")[0] for file in made] == PACKAGES, f"made: {made}")
    return made


def check_dependencies(packages):
    """They are Debian's own, all of them: apt finds each, and has to break nothing."""
    for package in packages:
        depends = run("dpkg-deb", "--field", package, "Depends")
        require("libc6" in depends or "libfmt-dev" in depends, f"{package} depends on {depends!r}")
    run("apt-get", "install", "--simulate", "--no-install-recommends", *packages)


def check_server(machine, folder):
    with Server(machine.folder / "usr/bin/lvng-server", folder) as server:
        ana = Client(server.port, token("usr_ana", "acme"))
        made = ana.send("POST", CONTACTS, {"name": "Jane Smith"})
        require(made.status == 201, f"a contact is answered {made.status}")
        require(ana.call("GET", CONTACTS).json()["total"] == 1, "the contact is lost")
        require(server.stop() == 0, "the server does not end well")


def check_library(machine, cmake, folder):
    """A program outside the tree, by CMake."""
    run(cmake, "-S", HERE / "desk", "-B", folder, "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={machine.folder}/usr")
    run(cmake, "--build", folder)
    require("Jane Smith" in run(folder / "desk", cwd=folder), "the program does not work")


def check_service(machine):
    unit = machine.folder / "usr/lib/systemd/system/lvng-server.service"
    require(unit.exists(), "there is no service")
    if shutil.which("systemd-analyze"):
        # The unit names the place where the program will be.
        text = unit.read_text().replace("/usr/bin/", f"{machine.folder}/usr/bin/")
        copy = machine.folder / "tmp/lvng-server.service"
        copy.parent.mkdir()
        copy.write_text(text)
        run("systemd-analyze", "verify", "--man=no", copy)
        shutil.rmtree(copy.parent)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="a folder in which everything is built")
    parser.add_argument("--cpack", default="cpack")
    parser.add_argument("--cmake", default="cmake")
    options = parser.parse_args()
    if not shutil.which("dpkg"):
        print("dpkg is not installed")
        raise SystemExit(77)
    with tempfile.TemporaryDirectory(prefix="lvng-packages-") as work:
        work = pathlib.Path(work)
        for name in ("made", "machine", "served", "desk"):
            (work / name).mkdir()
        packages = make_packages(options, work / "made")
        check_dependencies(packages)
        machine = Machine(work / "machine")
        machine.dpkg("--install", *packages)
        check_server(machine, work / "served")
        check_library(machine, options.cmake, work / "desk")
        check_service(machine)
        machine.dpkg("--purge", *PACKAGES)
        require(not machine.files(), f"what is left: {sorted(machine.files())[:10]}")


if __name__ == "__main__":
    main()
