"""A real HTTP server on this machine that speaks chat-completions, well or badly, as a script says."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Act = Callable[[BaseHTTPRequestHandler], None]
HANG_S = 60.0


@dataclass
class Heard:
    """What the server was sent."""

    paths: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    n_at_once: int = 0
    """The most requests that were being answered at a time."""

    def __len__(self) -> int:
        return len(self.bodies)


@dataclass
class Server:
    url: str
    heard: Heard


@contextmanager
def serving(*script: Act) -> Iterator[Server]:
    """Answers request i with act i of the script; the last act is repeated."""
    heard, lock, done = Heard(), threading.Lock(), threading.Event()
    now = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            nonlocal now
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                act = script[min(len(heard), len(script) - 1)]
                heard.paths.append(self.path)
                heard.headers.append(dict(self.headers))
                heard.bodies.append(body)
                now += 1
                heard.n_at_once = max(heard.n_at_once, now)
            self.body, self.ended = body, done
            try:
                act(self)
            except OSError:
                self.close_connection = True  # the client has gone
            finally:
                with lock:
                    now -= 1

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Server(url=f"http://127.0.0.1:{server.server_address[1]}/v1", heard=heard)
    finally:
        done.set()
        server.shutdown()
        server.server_close()
        thread.join()


def sends(status: int, body: object, **headers: str) -> Act:
    """A whole response; a body that is no string is sent as JSON."""
    content = (body if isinstance(body, str) else json.dumps(body)).encode()

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return act


def says(text: object, *, finish: str = "stop", usage: object = None, **message: object) -> Act:
    """A chat completion."""
    counted = {"prompt_tokens": 11, "completion_tokens": 7} if usage is None else usage
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": text, **message},
    }
    return sends(200, {"object": "chat.completion", "choices": [choice], "usage": counted})


def errs(
    status: int, message: str = "no", *, headers: Mapping[str, str] | None = None, **error: object
) -> Act:
    """An error in OpenAI's shape."""
    return sends(status, {"error": {"message": message, **error}}, **(headers or {}))


def hangs(handler: BaseHTTPRequestHandler) -> None:
    """Says nothing for long."""
    handler.ended.wait(HANG_S)
    handler.close_connection = True


def drips(every_s: float = 0.02) -> Act:
    """Sends a byte now and then, so that no single read ever times out."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        end = time.monotonic() + HANG_S
        while time.monotonic() < end and not handler.ended.is_set():
            handler.wfile.write(b" ")
            time.sleep(every_s)

    return act


def drips_headers(handler: BaseHTTPRequestHandler) -> None:
    """Never comes to the end of its headers."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not handler.ended.wait(0.02):
        handler.wfile.write(b"x")


def cuts(handler: BaseHTTPRequestHandler) -> None:
    """Ends the connection in the middle of the body."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"mess')
    handler.close_connection = True


def resets(handler: BaseHTTPRequestHandler) -> None:
    """Resets the connection without a word."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True
