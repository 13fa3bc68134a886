"""What was recorded is said again, exactly and without the model, and nothing else is."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from finexl.errors import BudgetError, MissingReplyError, VLMUnusableError
from finexl.interfaces import NoReply, Question, Reply, Task
from finexl.vlms.recorded import BLOCK, RecordingVLM, ReplayVLM, keys_of, question_digest, read_header

RED, BLUE = (Image.new("RGB", (4, 4), colour) for colour in ("red", "blue"))
IDENTITY = {"model": "counting", "temperature": 0.5}


@dataclass
class Counting:
    """Says something new each time, unless it is told what to say."""

    id: str = "counting/1"
    told: list[Reply | NoReply] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        self.asked += questions
        return tuple(
            self.told.pop(0)
            if self.told
            else Reply(text=f"answer {len(self.asked)}.{index}", n_input_tokens=index)
            for index, _ in enumerate(questions)
        )


def question(text: str = "?", *images: Image.Image, task: Task = Task.DIFFERENCES) -> Question:
    return Question(task=task, text=text, images=images)


def recorder(path: Path, vlm: Counting | None = None) -> RecordingVLM:
    return RecordingVLM(vlm or Counting(), path, identity=IDENTITY)


def test_a_replay_says_what_was_recorded(tmp_path: Path) -> None:
    questions = [question("a", RED, BLUE), question("b"), question("a", BLUE, RED)]
    said = recorder(tmp_path / "r").ask(questions)
    assert ReplayVLM(tmp_path / "r").ask(questions[::-1]) == said[::-1]


@pytest.mark.parametrize(
    "text", ["", " two\nlines ", "🎨 彩", "half a sign: \ud83c", "\u2028\u2029\x00", '"}{', "x" * 100_000]
)
def test_raw_words_survive(text: str, tmp_path: Path) -> None:
    recorder(tmp_path / "r", Counting(told=[Reply(text=text, n_input_tokens=3, n_output_tokens=4)])).ask(
        [question()]
    )
    assert ReplayVLM(tmp_path / "r").ask([question()]) == (
        Reply(text=text, n_input_tokens=3, n_output_tokens=4),
    )


def test_ids_and_identities_agree_so_that_records_are_of_the_same_work(tmp_path: Path) -> None:
    vlm = recorder(tmp_path / "r")
    vlm.ask([question()])
    replay = ReplayVLM(tmp_path / "r")
    assert replay.id == vlm.id == read_header(tmp_path / "r").vlm
    assert replay.identity == IDENTITY


def test_a_question_that_was_never_asked_is_named(tmp_path: Path) -> None:
    recorder(tmp_path / "r").ask([question("a", RED)])
    asked = question("What differs in these?", BLUE, RED)
    with pytest.raises(MissingReplyError) as caught:
        ReplayVLM(tmp_path / "r").ask([asked])
    for words in ("differences", question_digest(asked), "2 images", "What differs", "counting/1"):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    "other",
    [
        question("b", RED, BLUE),
        question("a", BLUE, RED),
        question("a", RED),
        question("a", RED, BLUE, RED),
        question("a", RED.convert("L"), BLUE),
        question("a", RED.resize((2, 8)), BLUE),
        question("a", RED, BLUE, task=Task.SCORED_ASPECTS),
        Question(task=Task.DIFFERENCES, text="a", images=(RED, BLUE), schema={"type": "object"}),
    ],
)
def test_digests_differ_with_everything_that_is_asked(other: Question) -> None:
    assert question_digest(other) != question_digest(question("a", RED, BLUE))


def test_digests_see_pixels_and_not_files(tmp_path: Path) -> None:
    RED.save(tmp_path / "red.png")
    with Image.open(tmp_path / "red.png") as opened:
        assert question_digest(question("a", opened)) == question_digest(question("a", RED))


def test_what_is_recorded_is_not_asked_again(tmp_path: Path) -> None:
    recorder(tmp_path / "r").ask([question("a")])
    later = Counting()
    said = recorder(tmp_path / "r", later).ask([question("a"), question("b")])
    assert [asked.text for asked in later.asked] == ["b"]
    assert said == ReplayVLM(tmp_path / "r").ask([question("a"), question("b")])


def test_asking_twice_at_once_asks_for_two_samples(tmp_path: Path) -> None:
    twice = [question("a"), question("a")]
    first, second = recorder(tmp_path / "r").ask(twice)
    assert first != second and ReplayVLM(tmp_path / "r").ask(twice) == (first, second)
    assert len(set(keys_of(twice))) == 2


def test_a_refusal_is_an_outcome_and_never_served_instead_of_asking(tmp_path: Path) -> None:
    refused, answered = NoReply(reason="refused", detail="no"), Reply(text="yes")
    assert recorder(tmp_path / "r", Counting(told=[refused])).ask([question()]) == (refused,)
    assert ReplayVLM(tmp_path / "r").ask([question()]) == (refused,)
    assert recorder(tmp_path / "r", Counting(told=[answered])).ask([question()]) == (answered,)
    assert ReplayVLM(tmp_path / "r").ask([question()]) == (answered,)


IN_WORDS = Reply(text="I'm sorry, I can't help with that.")


@pytest.mark.parametrize("refusal", [IN_WORDS, Reply(text="对不起，我无法帮助。")])
def test_a_refusal_in_words_is_asked_again_too_and_replayed_where_nobody_can_be_asked(
    refusal: Reply, tmp_path: Path
) -> None:
    answered, later = Reply(text="vivid"), Counting()
    assert recorder(tmp_path / "r", Counting(told=[refusal])).ask([question()]) == (refusal,)
    assert ReplayVLM(tmp_path / "r").ask([question()]) == (refusal,)
    assert recorder(tmp_path / "r", Counting(told=[answered])).ask([question()]) == (answered,)
    assert recorder(tmp_path / "r", later).ask([question()]) == (answered,)
    assert ReplayVLM(tmp_path / "r").ask([question()]) == (answered,) and later.asked == []


def test_a_refusal_that_comes_after_an_answer_changes_nothing(tmp_path: Path) -> None:
    class Meanwhile(Counting):
        def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
            recorder(tmp_path / "r", Counting(told=[Reply(text="theirs")])).ask(questions)
            return (IN_WORDS,)

    assert recorder(tmp_path / "r", Meanwhile()).ask([question()]) == (Reply(text="theirs"),)


def test_of_two_replies_to_one_question_the_first_counts_for_everyone(tmp_path: Path) -> None:
    class Meanwhile(Counting):
        """Another process answers the same question while this one is asked."""

        def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
            recorder(tmp_path / "r", Counting(told=[Reply(text="theirs")])).ask(questions)
            return super().ask(questions)

    said = recorder(tmp_path / "r", Meanwhile()).ask([question()])
    assert said == ReplayVLM(tmp_path / "r").ask([question()]) == (Reply(text="theirs"),)


def test_a_line_that_a_killed_process_left_unfinished_is_cut_off(tmp_path: Path) -> None:
    recorder(tmp_path / "r").ask([question("a")])
    whole = (tmp_path / "r").read_bytes()
    for n_kept in range(1, 60, 7):
        (tmp_path / "r").write_bytes(whole + whole.splitlines()[1][:n_kept])
        ReplayVLM(tmp_path / "r").ask([question("a")])
        recorder(tmp_path / "r").ask([question("b")])
        assert len((tmp_path / "r").read_text().splitlines()) == 3
        assert len(ReplayVLM(tmp_path / "r").ask([question("a"), question("b")])) == 2


def test_processes_may_record_into_one_file(tmp_path: Path) -> None:
    """Two of them ask the same and different questions; every line is whole and one reply counts for all."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path\n"
        "from test_recorded import Counting, question, recorder\n"
        "vlm = recorder(Path(sys.argv[1]), Counting())\n"
        "own = [question(f'{sys.argv[3]} {n}') for n in range(20)]\n"
        "for n in range(20): vlm.ask([question(f'shared {n}'), own[n]])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    commands = [
        [sys.executable, "-c", script, str(tmp_path / "r"), str(Path(__file__).parent), name] for name in "xy"
    ]
    running = [subprocess.Popen(command, env=environment) for command in commands]
    assert [process.wait() for process in running] == [0, 0]
    lines = [json.loads(line) for line in (tmp_path / "r").read_text().splitlines()]
    assert len({line["key"] for line in lines[1:]}) == len(lines) - 1 == 60


def test_what_was_answered_before_an_error_is_kept(tmp_path: Path) -> None:
    class Failing(Counting):
        def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
            if len(self.asked) >= 2 * BLOCK:
                raise BudgetError("no money")
            return super().ask(questions)

    questions = [question(str(number)) for number in range(3 * BLOCK)]
    with pytest.raises(BudgetError):
        recorder(tmp_path / "r", Failing()).ask(questions)
    later = Counting()
    recorder(tmp_path / "r", later).ask(questions)
    assert later.asked == questions[2 * BLOCK :]


def test_a_recording_is_of_one_model(tmp_path: Path) -> None:
    recorder(tmp_path / "r").ask([question()])
    with pytest.raises(VLMUnusableError, match=r"counting/1.*other/2.*vlm\.record="):
        recorder(tmp_path / "r", Counting(id="other/2")).ask([question("new")])


@pytest.mark.parametrize("content", ["", "words\n", '{"format": 99, "vlm": "m", "identity": {}}\n', "[1]\n"])
def test_a_file_that_is_no_recording_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "r").write_text(content)
    with pytest.raises(VLMUnusableError, match="header of format 1"):
        ReplayVLM(tmp_path / "r")


def test_a_damaged_line_is_refused(tmp_path: Path) -> None:
    recorder(tmp_path / "r").ask([question()])
    with (tmp_path / "r").open("a") as file:
        file.write('{"key": "abc"}\n')
    with pytest.raises(VLMUnusableError, match="abc"):
        ReplayVLM(tmp_path / "r")


def test_a_recording_that_is_not_there_or_cannot_be_written_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(VLMUnusableError, match=r"nowhere.*vlm\.record="):
        ReplayVLM(tmp_path / "nowhere")
    with pytest.raises(VLMUnusableError, match=r"vlm\.record="):
        recorder(tmp_path).ask([question()])


def test_recordings_of_one_model_can_be_put_together(tmp_path: Path) -> None:
    said = recorder(tmp_path / "a").ask([question("a")]) + recorder(tmp_path / "b").ask([question("b")])
    both = tmp_path / "both"
    both.write_bytes((tmp_path / "a").read_bytes() + b"\n" + (tmp_path / "b").read_bytes())
    assert ReplayVLM(both).ask([question("a"), question("b")]) == said


def test_values_of_other_types_are_told(tmp_path: Path) -> None:
    recorder(tmp_path / "r").ask([question()])
    header, line = (tmp_path / "r").read_text().splitlines()
    for text in ("5", "null", '["vivid"]'):
        changed = line.replace('"answer 1.0"', text)
        (tmp_path / "x").write_text(f"{header}\n{changed}\n")
        with pytest.raises(VLMUnusableError, match=r"must hold a reply or a reason.*Restore"):
            ReplayVLM(tmp_path / "x")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "pipe"])
def test_what_has_no_end_is_no_recording(device: str, tmp_path: Path) -> None:
    path = tmp_path / device
    if device == "pipe":
        os.mkfifo(path)
    for use in (lambda: ReplayVLM(path), lambda: read_header(path), lambda: recorder(path).ask([question()])):
        with pytest.raises(VLMUnusableError, match="it is no file"):
            use()


def test_a_full_disk_ends_the_recording_and_the_next_goes_on(tmp_path: Path) -> None:
    path, code = (
        tmp_path / "r",
        (
            "import resource, signal, sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
            "from test_recorded import question, recorder\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))\n"
            "recorder(Path(sys.argv[1])).ask([question('a'), question('b')])"
        ),
    )
    words = [sys.executable, "-c", code, str(path), str(Path(__file__).parent)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 1 and "File too large" in ended.stderr and "VLMUnusableError" in ended.stderr
    said = recorder(path).ask([question("a"), question("b")])
    assert ReplayVLM(path).ask([question("a"), question("b")]) == said
