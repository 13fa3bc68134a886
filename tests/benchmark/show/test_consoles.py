"""Nothing that is printed fails for want of a sign or of a reader."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from finexl.explain.consoles import leave

ROOT = Path(__file__).parents[3]


def spoken(code: str, *, encoding: str) -> subprocess.CompletedProcess[bytes]:
    program = f"from finexl.explain.consoles import forgiving\nwith forgiving():\n    {code}"
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "rank_mae ↓ – 猫 █"), ("cp1252", "rank_mae v – ? #"), ("ascii", "rank_mae v - ? #")],
)
def test_signs_that_a_console_lacks_become_plain_ones(encoding: str, shown: str) -> None:
    done = spoken("print('rank_mae ↓ – 猫 █')", encoding=encoding)
    assert (done.returncode, done.stdout.decode(encoding).strip()) == (0, shown)


def test_a_table_is_whole_on_a_console_of_few_signs() -> None:
    code = (
        "from rich.console import Console; from benchmark.show.score_table import titled_table; "
        "t = titled_table('rank_mae ↓'); t.add_column('explainer'); t.add_row('τ'); Console(width=60).print(t)"
    )
    done = spoken(code, encoding="cp1252")
    assert done.returncode == 0
    assert {"rank_mae v", "explainer", "tau"} <= {
        line.strip(" +-|") for line in done.stdout.decode("cp1252").splitlines()
    }


def test_a_reader_that_has_had_enough_is_no_fault() -> None:
    code = "from benchmark.cli import main; import sys; [main(['list', 'explainer']) for _ in range(40)]"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read().decode()
    assert (process.returncode, said) == (0, "")


@pytest.mark.parametrize("is_buffered", ["", "1"])
def test_output_that_finds_no_room_ends_with_code_1_and_one_line(is_buffered: str) -> None:
    program = "from finexl.explain.consoles import forgiving\nwith forgiving():\n    print('card')"
    environment = {**os.environ, "PYTHONUNBUFFERED": is_buffered, "PYTHONPATH": str(ROOT)}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert (
        done.stderr == b"What is printed must find room. It does not: No space left on device. "
        b"Send it elsewhere, or make room.\n"
    )


@pytest.mark.parametrize("words", [["finexl", "--help"], ["benchmark", "list", "preset"]])
def test_output_that_is_closed_is_no_fault(words: list[str]) -> None:
    command = f'exec "{sys.executable}" -m {" ".join(words)} >&-'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_file_does_not_take_the_place_of_output_that_is_closed(tmp_path: Path) -> None:
    program = (
        "import os\nfrom finexl.explain.consoles import forgiving\nwith forgiving():\n"
        f"    file = open({str(tmp_path / 'card')!r}, 'w')\n    os.write(1, b'from a library')"
    )
    command = ["/bin/sh", "-c", f'exec "{sys.executable}" -c "$1" >&-', "sh", program]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr, (tmp_path / "card").read_bytes()) == (0, b"", b"")


def test_a_program_that_ends_looks_through_nothing_more_for_garbage() -> None:
    try:
        with pytest.raises(SystemExit) as ended:
            leave(130)
        assert ended.value.code == 130
        assert gc.get_freeze_count() > 0 and not any(gc.get_count()[1:])
    finally:
        gc.unfreeze()


PROGRAMS = ("finexl", "baselines", "finetune", "benchmark", "leaderboard")


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_says_what_it_does_on_a_console_of_few_signs(program: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", program, "--help"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"") and program.encode() in done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_reader_who_stops_before_the_end_of_any_help_is_no_fault(program: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", program, "--help"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, env=environment, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
