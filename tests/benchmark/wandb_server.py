"""A W&B server of this machine: it takes what `wandb sync` sends, and remembers what it was asked."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Taken:
    """What the server was sent."""

    address: str = ""
    runs: list[dict[str, Any]] = field(default_factory=list)
    """Variables of every call that makes or changes a run."""
    history: list[tuple[int, list[str]]] = field(default_factory=list)
    """Offset and lines of every part of a run's history."""
    files: set[str] = field(default_factory=set)
    n_requests: int = 0


@contextmanager
def served() -> Iterator[Taken]:
    """A server for as long as the block lasts."""
    taken = Taken()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            return None

        def do_GET(self) -> None:
            self._answer({})

        def do_PUT(self) -> None:
            self._body()
            taken.files.add(self.path.removeprefix("/up/"))
            self._answer({})

        def do_POST(self) -> None:
            body = self._body()
            if self.path == "/graphql":
                asked = json.loads(body)
                self._answer({"data": _reply(asked["operationName"], asked.get("variables", {}), taken)})
            else:
                sent = json.loads(body)["files"] if self.path.endswith("file_stream") else {}
                for name, part in sent.items():
                    if name == "wandb-history.jsonl":
                        taken.history.append((part["offset"], part["content"]))
                self._answer({"exitcode": None, "limits": {}})

        def _body(self) -> bytes:
            taken.n_requests += 1
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            return gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body

        def _answer(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    taken.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _reply(operation: str, variables: dict[str, Any], taken: Taken) -> dict[str, Any]:
    match operation:
        case "Viewer":
            return {
                "viewer": {
                    "id": "v",
                    "entity": "me",
                    "username": "me",
                    "flags": "{}",
                    "teams": {"edges": []},
                }
            }
        case "UpsertBucket":
            taken.runs.append(variables)
            project = {"id": "p", "name": variables["project"], "entity": {"id": "e", "name": "me"}}
            bucket = {
                "id": "r",
                "name": variables["name"],
                "displayName": "",
                "description": None,
                "config": None,
            }
            bucket |= {"sweepName": None, "historyLineCount": 0, "project": project}
            return {"upsertBucket": {"bucket": bucket, "inserted": True}}
        case "CreateRunFiles":
            files = [{"name": name, "uploadUrl": f"{taken.address}/up/{name}"} for name in variables["files"]]
            return {"createRunFiles": {"runID": "r", "uploadHeaders": [], "files": files}}
        case "CreateArtifact":
            artifact = {"id": "a", "state": "COMMITTED", "artifactSequence": {"latestArtifact": None}}
            return {"createArtifact": {"artifact": artifact}}
        case _:
            return {}
