"""The site on this machine alone."""

from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from finexl.errors import InvalidInputError


def serve(folder: Path, *, port: int, started: Callable[[str], None]) -> None:
    """Show a folder at 127.0.0.1 until interrupted; `started` is told the address."""
    with server(folder, port=port) as httpd:
        started(f"http://127.0.0.1:{httpd.server_address[1]}/")
        httpd.serve_forever()


def server(folder: Path, *, port: int) -> ThreadingHTTPServer:
    """A server of a folder that no other machine reaches; port 0 takes any that is free.

    Raises:
        InvalidInputError: The port is taken, or not this user's to take.
    """
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(folder)))
    except OSError as error:
        raise InvalidInputError(
            f"`port` must be one that is free here. {port} is not ({error.strerror}). Give another one, or "
            "port=0 for any."
        ) from error


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what is asked for comes from whoever clicks."""

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()
