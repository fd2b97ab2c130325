"""Debian's stock kernel for the test machine: fetched with apt, unpacked beside the build, never installed here."""
import glob
import os
import re
import shutil
import subprocess

PACKAGE = "linux-image-amd64"
# Most of a kernel package is drivers of hardware that no test machine has.
LEFT_OUT = ["drivers/gpu", "drivers/media", "drivers/net/ethernet", "drivers/net/wireless", "drivers/scsi", "drivers/staging",
            "drivers/iio", "drivers/mtd", "drivers/ata", "drivers/isdn", "sound"]


class NoKernel(Exception):
    """Why there is none, for people."""


class Kernel:
    def __init__(self, root):
        self.root = root  # holds lib/modules/VERSION, as modprobe -d wants it
        self.version = os.path.basename(glob.glob(os.path.join(root, "lib", "modules", "*"))[0])
        self.image = os.path.join(root, "boot", f"vmlinuz-{self.version}")

    def modules_for(self, names):
        """Paths of these modules and of what they need, in loading order."""
        base = os.path.join(self.root, "lib", "modules", self.version)
        needs, paths = {}, {}
        with open(os.path.join(base, "modules.dep")) as f:
            for line in f:
                path, _, needed = line.strip().partition(":")
                name = module_name(path)
                paths[name] = os.path.join(base, path)
                needs[name] = [module_name(n) for n in reversed(needed.split())]
        order = []
        for name in names:
            if name in paths:  # or it is built in
                order += [n for n in [*needs[name], name] if n not in order]
        return [paths[name] for name in order]


def module_name(path):
    return os.path.basename(path).split(".ko")[0].replace("-", "_")


def command(arguments, **kwargs):
    try:
        return subprocess.run(arguments, check=True, capture_output=True, text=True, **kwargs).stdout
    except FileNotFoundError:
        raise NoKernel(f"{arguments[0]} is not installed") from None
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip().splitlines()
        raise NoKernel(f"{' '.join(arguments[:3])}: {said[-1] if said else error.returncode}") from None


def newest_package():
    """The package with the files: linux-image-amd64 itself only depends on it."""
    found = re.findall(r"Depends: (linux-image-[\w.+-]+)", command(["apt-cache", "depends", PACKAGE]))
    if not found:
        raise NoKernel(f"apt knows no {PACKAGE}")
    return found[0]


def unpack(deb, root):
    excluded = [f"--exclude=./lib/modules/*/kernel/{path}" for path in LEFT_OUT]
    archive = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
    try:
        command(["tar", "-x", "-C", root, "--no-same-owner", "--exclude=./usr", *excluded], stdin=archive.stdout)
    finally:
        archive.stdout.close()
        archive.wait()
    version = os.path.basename(glob.glob(os.path.join(root, "lib", "modules", "*"))[0])
    command(["/usr/sbin/depmod", "-b", root, version])


def get(directory):
    """The unpacked kernel under `directory`; fetched where it is not there. Raises NoKernel."""
    root = os.path.join(directory, "kernel")
    if glob.glob(os.path.join(root, "lib", "modules", "*", "modules.dep")):
        return Kernel(root)
    shutil.rmtree(root, ignore_errors=True)
    fresh = root + ".new"
    shutil.rmtree(fresh, ignore_errors=True)
    os.makedirs(fresh)
    command(["apt-get", "download", "-q", newest_package()], cwd=fresh)
    deb = glob.glob(os.path.join(fresh, "*.deb"))[0]
    unpack(deb, fresh)
    os.remove(deb)
    os.rename(fresh, root)  # whole or not at all
    return Kernel(root)
