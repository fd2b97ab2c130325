#!/usr/bin/env python3
"""window_age.py BUILD_DIR LINK: window-age under dc-instance, watched by a client, so that its buffers are held."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "tools", "demo"))

from stack import Stack  # noqa: E402


def main():
    build, link = sys.argv[1:3]
    stack = Stack(build, link=link)
    output = os.path.join(stack.dir, "output")
    program = stack.program("tests", "integration", "egl", "window-age")
    try:
        stack.start_render()
        # The client comes first: the frames are looked at from the first one on.
        script = f"sleep 3; {program} 400 > {output} 2>&1; echo status $? >> {output}; sleep 1"
        _, url = stack.start_instance(["sh", "-c", script], name="window-age")
        stack.start_client(url, ["--headless", "--seconds", "30"]).wait(60)
        print(stack.log_tail(30))
        with open(output) as f:
            text = f.read()
        print(text)
        return 0 if text.endswith("status 0\n") else 1
    finally:
        stack.stop()


if __name__ == "__main__":
    sys.exit(main())
