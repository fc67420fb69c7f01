"""A threaded HTTP server on a loopback port, for one WSGI application."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Handler(MotoRequestHandler):
    # one request a connection: no thread is left waiting on an idle socket when the server stops
    protocol_version = "HTTP/1.0"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the calls are recorded, and standard error belongs to the tests."""


class Server:
    """Serves from construction until ``stop``."""

    def __init__(self, application: WSGIApplication) -> None:
        self._server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.port}"

    def stop(self) -> None:
        """Close the port; what is being answered is answered."""
        self._server.shutdown()
        self._thread.join()
