"""The test machine: qemu without KVM, a stock kernel, the host's root read-only over 9p."""
import gzip
import os
import subprocess
import tempfile
import threading
import time

QEMU = "qemu-system-x86_64"
MEMORY_MIB = 3072
# What the initramfs must load before it can see the host's files.
ROOT_MODULES = ["virtio_pci", "9pnet_virtio", "9p"]


def cpio_entry(number, name, mode, data=b""):
    """One file of an initramfs in the kernel's "newc" format."""
    name = name.encode() + b"\0"
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)


def strings(values):
    return b"".join(value.encode() + b"\0" for value in values)


def make_initramfs(path, init, modules, arguments, keep):
    entries = [("init", 0o100755, init), ("modules", 0o40755, b""), ("dev", 0o40755, b""), ("root", 0o40755, b""),
               ("command", 0o100644, strings(arguments)), ("keep", 0o100644, strings(keep))]
    for i, module in enumerate(modules):
        with open(module, "rb") as f:
            entries.append((f"modules/{i:02}-{os.path.basename(module)}", 0o100644, f.read()))
    data = b"".join(cpio_entry(i + 1, *entry) for i, entry in enumerate(entries))
    data += cpio_entry(0, "TRAILER!!!", 0)
    with gzip.open(path, "wb", 1) as f:
        f.write(data)


class Machine:
    """Boots, runs `arguments` as root, hands each line of its output to `take_line`, ends.

    `out`: a directory of ours that the guest sees, writable, as /run/out. `keep`: directories that the guest sees even
    where they lie below /tmp or /run, which are fresh in the machine."""

    def __init__(self, kernel, init, out, keep=(), cpus=2):
        self.kernel, self.init, self.out, self.keep, self.cpus = kernel, init, out, keep, cpus
        self.console_path = os.path.join(out, "console.log")

    def command(self, initramfs):
        def share(tag, path, extra):
            return ["-virtfs", f"local,path={path},mount_tag={tag},security_model=none,multidevs=remap{extra}"]
        return [QEMU, "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", str(self.cpus), "-m", str(MEMORY_MIB),
                "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
                "-kernel", self.kernel.image, "-initrd", initramfs,
                "-append", "console=ttyS0 quiet panic=-1 mitigations=off audit=0",
                "-serial", f"file:{self.console_path}", "-serial", "stdio",
                *share("host", "/", ",readonly=on"), *share("out", self.out, "")]

    def run(self, arguments, timeout_s, take_line):
        """The reason why it did not end by itself, or None."""
        with open(self.init, "rb") as f:
            init = f.read()
        with tempfile.NamedTemporaryFile(suffix=".initramfs") as initramfs:
            make_initramfs(initramfs.name, init, self.kernel.modules_for(ROOT_MODULES), arguments,
                           self.keep)
            process = subprocess.Popen(self.command(initramfs.name), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT)
            deadline = time.monotonic() + timeout_s
            watchdog = threading.Timer(timeout_s, process.kill)
            watchdog.start()
            try:
                for line in process.stdout:
                    take_line(line.decode(errors="replace").rstrip("\r\n"))
                process.wait()
            finally:
                watchdog.cancel()
                if process.poll() is None:
                    process.kill()
                    process.wait()
        if time.monotonic() >= deadline:
            return f"the machine was still running after {timeout_s} s"
        return f"qemu ended with status {process.returncode}" if process.returncode else None

    def console_tail(self, lines=20):
        try:
            with open(self.console_path, errors="replace") as f:
                return "".join(f.readlines()[-lines:])
        except OSError:
            return ""
