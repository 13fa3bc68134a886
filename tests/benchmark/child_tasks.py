"""Tasks that tests give to child processes."""

import os
import sys
import time
from pathlib import Path

from benchmark.check.canaries import TRUTHS, testimony, watched
from benchmark.explain.children import Message, Report


def echo(given: Message, report: Report) -> None:
    print("this goes to nobody")
    report({"given": given})
    report({"argv": sys.argv[1:], "cwd": str(Path.cwd()), "mark": os.environ.get("MARK")})


def die(given: Message, report: Report) -> None:
    report({"so": "far"})
    print("the last words", file=sys.stderr, flush=True)
    os._exit(7)


def fail(given: Message, report: Report) -> None:
    raise RuntimeError("a fault of the task")


def be_silent(given: Message, report: Report) -> None:
    time.sleep(60)


def leave_a_thread(given: Message, report: Report) -> None:
    import threading

    threading.Thread(target=time.sleep, args=(60,)).start()
    report({"done": True})


def read_standard_input(given: Message, report: Report) -> None:
    report({"read": sys.stdin.read()})


def open_files(given: Message, report: Report) -> None:
    opened = watched(Path(given["folder"]))
    for name in given["names"]:
        os.close(os.open(name, os.O_RDONLY))
    report({"opened": opened})


def peak(given: Message, report: Report) -> None:
    from benchmark.explain.memory import peak_memory_mb

    before = peak_memory_mb()
    held = bytearray(given["mb"] * 2**20)
    held[:: 2**12] = b"x" * len(held[:: 2**12])
    report({"before": before, "after": peak_memory_mb()})


def testify_all(given: Message, report: Report) -> None:
    """What several cheaters say and do among the same planted truths."""
    import cheaters

    from benchmark.explain.explaining import Meter, MeteredExplainer

    folder = Path(given["decoy"])
    opened = watched(folder)
    for name in given["names"]:

        def build(name: str = name) -> MeteredExplainer:
            return MeteredExplainer(explainer=getattr(cheaters, name)(), meter=Meter())

        report({"name": name, **testimony(build, folder, TRUTHS[given["number"]], opened)})
