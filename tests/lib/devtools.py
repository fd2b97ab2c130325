"""A small client of Chromium's DevTools protocol: starts it headless, opens pages, runs JavaScript in them."""
import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.request


class DevToolsError(Exception):
    pass


class WebSocket:
    """RFC 6455, the client's side: text messages, no extensions."""

    def __init__(self, host, port, path, timeout_s):
        self.socket = socket.create_connection((host, port), timeout=timeout_s)
        self.buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._receive_some()
        head, self.buffer = head.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise DevToolsError(f"no WebSocket: {head[:80]!r}")

    def _receive_some(self):
        data = self.socket.recv(65536)
        if not data:
            raise DevToolsError("Chromium closed the connection")
        return data

    def _take(self, count):
        while len(self.buffer) < count:
            self.buffer += self._receive_some()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def send(self, text):
        data, mask = text.encode(), os.urandom(4)
        length = len(data)
        head = bytes([0x81]) + (bytes([0x80 | length]) if length < 126 else
                                b"\xfe" + struct.pack(">H", length) if length < 65536 else
                                b"\xff" + struct.pack(">Q", length))
        masked = bytes(byte ^ mask[i & 3] for i, byte in enumerate(data))
        self.socket.sendall(head + mask + masked)

    def receive(self):
        message = b""
        while True:
            first, second = self._take(2)
            length = second & 0x7f
            if length == 126:
                length, = struct.unpack(">H", self._take(2))
            elif length == 127:
                length, = struct.unpack(">Q", self._take(8))
            data = self._take(length)
            if first & 0x0f == 8:
                raise DevToolsError("Chromium ended the WebSocket")
            if first & 0x0f in (0, 1):
                message += data
                if first & 0x80:
                    return message.decode()

    def close(self):
        self.socket.close()


class Page:
    def __init__(self, port, target, timeout_s):
        self.id = 0
        self.socket = WebSocket("127.0.0.1", port, target.split(str(port), 1)[1], timeout_s)
        self.console = []
        self.call("Runtime.enable")
        self.call("Page.enable")

    def call(self, method, **params):
        self.id += 1
        self.socket.send(json.dumps({"id": self.id, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.receive())
            if answer.get("method") == "Runtime.consoleAPICalled":
                self.console.append(" ".join(str(arg.get("value", arg.get("description", "")))
                                             for arg in answer["params"]["args"]))
            elif answer.get("method") == "Runtime.exceptionThrown":
                details = answer["params"]["exceptionDetails"]
                self.console.append("exception: " + details.get("exception", {}).get("description", details["text"]))
            if answer.get("id") == self.id:
                if "error" in answer:
                    raise DevToolsError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def run(self, script):
        """The value of an expression; a promise is awaited."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True,
                           userGesture=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise DevToolsError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def wait(self, script, seconds, what):
        """Polls until the expression is true; returns its value."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(script)
            if value:
                return value
            if time.monotonic() > end:
                raise DevToolsError(f"{what}: not within {seconds} s")
            time.sleep(0.1)

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        self.socket.close()


class Chromium:
    def __init__(self, size=(1280, 720), timeout_s=30, more=()):
        program = shutil.which("chromium")
        if not program:
            raise DevToolsError("chromium is not installed")
        self.folder = tempfile.mkdtemp(prefix="dc-chromium-")
        self.timeout_s = timeout_s
        self.port = 0
        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
             "--autoplay-policy=no-user-gesture-required", "--ignore-certificate-errors",
             "--allow-loopback-in-peer-connection", f"--window-size={size[0]},{size[1]}",
             f"--user-data-dir={self.folder}/profile", "--remote-debugging-port=0", *more, "about:blank"],
            stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            self._wait_for_port()
        except DevToolsError:
            self.close()
            raise

    def _wait_for_port(self):
        path = os.path.join(self.folder, "profile", "DevToolsActivePort")
        end = time.monotonic() + self.timeout_s
        while time.monotonic() < end:
            if self.process.poll() is not None:
                self.log.flush()
                with open(self.log.name, errors="replace") as file:
                    lines = file.read().strip().splitlines() or ["no reason given"]
                raise DevToolsError(f"chromium does not start: {lines[-1]}")
            if os.path.exists(path):
                with open(path) as file:
                    lines = file.read().splitlines()
                if len(lines) >= 2:
                    self.port = int(lines[0])
                    return
            time.sleep(0.05)
        raise DevToolsError(f"chromium does not answer within {self.timeout_s} s")

    def open(self, url):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/json/new?{url}", method="PUT")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=self.timeout_s) as answer:
            target = json.load(answer)["webSocketDebuggerUrl"]
        return Page(self.port, target, self.timeout_s)

    def close(self):
        if self.process.poll() is None:
            try:
                os.killpg(self.process.pid, 15)
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, 9)
                self.process.wait()
            except ProcessLookupError:
                pass
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
