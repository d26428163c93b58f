"""A server that says one thing to whoever connects, whatever they say: for peers that are not what
they should be.
"""

import socket
import threading

from .processes import LOOPBACK


class ScriptedServer:
    """Runs while the `with` block does. Sends `octets` to every client, then closes or, with
    stay=True, only listens.
    """

    def __init__(self, octets: bytes, *, stay: bool = True):
        self._octets = octets
        self._stay = stay
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            try:
                client.sendall(self._octets)
                while self._stay and client.recv(65536):
                    pass
            except OSError:
                pass
