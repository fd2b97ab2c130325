"""A way to a server that a test can break."""
import socket
import threading


class Proxy:
    """A TCP relay that can be taken away, with everything that goes over it, and put back at the same port."""

    def __init__(self, target, host="127.0.0.1", port=0):
        self.target, self.sockets, self.listener, self.host, self.port = target, [], None, host, port
        self.open()

    def open(self):
        self.listener = socket.create_server((self.host, self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=[self.listener], daemon=True).start()

    def accept(self, listener):
        try:
            while True:
                near = listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self.target))
                self.sockets += [near, far]
                for a, b in ((near, far), (far, near)):
                    threading.Thread(target=self.pump, args=[a, b], daemon=True).start()
        except OSError:
            pass

    @staticmethod
    def pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for s in self.sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()
        self.sockets = []
