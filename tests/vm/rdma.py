"""For guest tests: a software RDMA device (rxe) on one end of a veth pair.

Both ends of a connection use this one device: rxe of this kernel knows only the first network namespace, and between two
devices of one host IP would take the loopback, past them."""
import os
import subprocess
import time

NETDEV, PEER = "dcr0", "dcr1"
DEVICE = "rxe0"
ADDRESS = "10.200.0.1"
MODULES = ["veth", "rdma_rxe", "ib_uverbs", "rdma_ucm"]


def sh(*command):
    subprocess.run(command, check=True)


def add():
    sh("rdma", "link", "add", DEVICE, "type", "rxe", "netdev", NETDEV)
    wait_active()


def delete():
    sh("rdma", "link", "delete", DEVICE)


def start():
    """The device is there and active afterwards; doing it twice is no harm."""
    if os.path.exists(f"/sys/class/infiniband/{DEVICE}"):
        return
    sh("modprobe", "-a", *MODULES)
    if not os.path.exists(f"/sys/class/net/{NETDEV}"):
        sh("ip", "link", "add", NETDEV, "type", "veth", "peer", "name", PEER)
        sh("ip", "addr", "add", f"{ADDRESS}/24", "dev", NETDEV)
        sh("ip", "link", "set", PEER, "up")
        sh("ip", "link", "set", NETDEV, "up")
    add()


def wait_active(seconds=10):
    deadline = time.monotonic() + seconds
    while "ACTIVE" not in open(f"/sys/class/infiniband/{DEVICE}/ports/1/state").read():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{DEVICE} is not active")
        time.sleep(0.05)


def link_environment():
    """For the programs of tests/integration/link: the device's address, and certificates, made once."""
    source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    tool, directory = os.path.join(source, "tools", "dc-certs"), "/tmp/link-certs"
    if not os.path.exists(directory):
        os.mkdir(directory)
        sh(tool, "ca", "--dir", directory)
        sh(tool, "server", "--dir", directory, "--host", ADDRESS)
        for name in ("demo", "other"):
            sh(tool, "instance", "--dir", directory, "--name", name)
    return {**os.environ, "DC_TEST_RDMA_ADDRESS": ADDRESS, "DC_TEST_CERTS": directory, "DC_CERTS": tool, "DC_LOG": os.environ.get("DC_LOG", "info")}
