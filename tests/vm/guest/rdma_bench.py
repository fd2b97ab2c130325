#!/usr/bin/env python3
# vm: timeout 400
"""What a frame costs on the link alone, TCP and RDMA in turn in the same machine. It must run; the figures are for reading
(build/vm/out/rdma_bench/figures, docs/performance.md): emulated processors say little about real ones."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import rdma  # noqa: E402

LOADS = [(2000, 0), (20000, 0), (2000, 500000)]  # commands, bulk: a quiet frame, a busy one, client arrays
ROUNDS = int(os.environ.get("DC_VM_BENCH_ROUNDS", "1"))
FRAMES = 120


def main():
    rdma.start()
    program = os.path.join(os.environ["DC_VM_BUILD"], "tests", "integration", "link", "bench-link-frames")
    env = rdma.link_environment()
    failed = None
    with open(os.path.join(os.environ["DC_VM_OUT"], "figures"), "w") as figures:
        for commands, bulk in LOADS:
            for kind in ["tcp", "rdma"] * ROUNDS:
                frames = FRAMES if not bulk else FRAMES // 6
                result = subprocess.run([program, kind, str(commands), str(bulk), str(frames)], capture_output=True,
                                        text=True, env=env)
                print(result.stdout, result.stderr, flush=True)
                figures.write(result.stdout)
                if result.returncode or not result.stdout.startswith(kind + " "):
                    failed = f"{kind} {commands} {bulk}: status {result.returncode}"
    print(f"failed frames: {failed}" if failed else "ok frames")


if __name__ == "__main__":
    sys.exit(main())
