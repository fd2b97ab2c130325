#!/usr/bin/env python3
# vm: timeout 60
"""The kernel's software RDMA device, and rdma-core's own ping over it."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import rdma  # noqa: E402

COUNT = 10


def main():
    rdma.start()
    print("ok device")
    server = subprocess.Popen(["rping", "-s", "-a", rdma.ADDRESS, "-C", str(COUNT)])
    time.sleep(1)
    try:
        client = subprocess.run(["rping", "-c", "-a", rdma.ADDRESS, "-C", str(COUNT), "-v"], capture_output=True, text=True,
                                timeout=20)
        pings = client.stdout.count("rdma-ping-")
        print(client.stdout, client.stderr)
        if client.returncode == 0 and pings == COUNT:
            print(f"ok rping {pings} pings")
        else:
            print(f"failed rping: status {client.returncode}, {pings} pings")
    finally:
        server.kill()


if __name__ == "__main__":
    sys.exit(main())
