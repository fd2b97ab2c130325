#!/usr/bin/env python3
# vm: timeout 600
"""The link by itself over RDMA: the tests of tests/integration/link, with a worker that checks bytes."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import rdma  # noqa: E402


TESTS = ["test_integrity_far", "test_integrity_far_usual_ring", "test_many_rings", "test_rings_attached_to_a_live_link",
         "test_detached_rings_are_executed_far", "test_an_idle_link_wakes_nobody"]


def main():
    rdma.start()
    program = os.path.join(os.environ["DC_VM_BUILD"], "tests", "integration", "link", "test-link-replication")
    env = rdma.link_environment()
    for name in sys.argv[1:] or TESTS:
        started = time.monotonic()
        result = subprocess.run([program, name], capture_output=True, text=True, env=env)
        seconds = time.monotonic() - started
        print(result.stdout, result.stderr)
        passed = result.returncode == 0 and f"[       OK ] {name}" in result.stderr + result.stdout
        # A link that fell back to TCP would pass as well.
        if "RDMA is not used" in result.stderr:
            passed = False
        print(f"ok {name} {seconds:.1f} s" if passed else f"failed {name}: status {result.returncode}, see the log", flush=True)


if __name__ == "__main__":
    sys.exit(main())
