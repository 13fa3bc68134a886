"""`python -m finexl`: it teaches, complains at once, and explains what ships with it."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
from PIL import Image

from finexl import explain_folders
from finexl.errors import EncoderError, InvalidInputError, UnknownNameError
from finexl.explain.command_line import main, write_card
from finexl.explain.examples import write_example
from finexl.explain.models import DICTIONARY, PUBLISHED, SHIPPED, choose_encoder, words_in
from finexl.explanation import Explanation, Verdict
from finexl.interfaces import Question, Reply

ROOT = Path(__file__).parents[3]
LONG = "x" * 300
"""A name that no file can have."""


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "pictures"
    write_example(folder)
    return folder


def noise(folder: Path, n: int = 6) -> Path:
    folder.mkdir()
    for place in range(n):
        pixels = np.random.default_rng(place).integers(0, 256, (96, 96, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{place}.png")
    return folder


def foreign(root: Path) -> list[str]:
    return ["explain", str(noise(root / "base")), str(noise(root / "tuned"))]


def test_help_is_light() -> None:
    check = (
        "import sys; from finexl.explain.command_line import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "sys.exit(bool({'torch', 'numpy', 'PIL', 'rich'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    "words", [[], ["--help"], ["explain", "--help"], ["get", "--help"], ["example", "--help"]]
)
def test_help_of_every_command_is_shown(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 0 and "usage: python -m finexl" in capsys.readouterr().out


def test_the_example_is_explained_in_every_form(example: Path, tmp_path: Path, capsys) -> None:
    forms = [f"--{form}={tmp_path / form}" for form in ("html", "json", "markdown")]
    assert main(["explain", str(example / "base"), str(example / "tuned"), *forms]) == 0
    read = Explanation.from_json((tmp_path / "json").read_bytes())
    assert read.verdict is Verdict.CHANGED and read.n_pairs == len(read.prompts) == 40
    assert read.notes["encoder_name"] == "miniature"
    shown, aside = capsys.readouterr()
    assert aside.startswith(
        "reading pictures ...\nopening the encoder ...\nembedding pictures ...\n"
    )  # where there is no terminal
    for claim in read.changes:
        assert claim.concept in shown and claim.concept in (tmp_path / "html").read_text()
    assert "data:image/png" in (tmp_path / "html").read_text()
    assert (tmp_path / "markdown").read_text().startswith("## How the model differs")


def test_three_lines_of_python_say_the_same(example: Path) -> None:
    explanation = explain_folders(example / "base", example / "tuned")
    assert explanation.verdict is Verdict.CHANGED
    assert {"vivid", "grainy"} <= {
        name for claim in explanation.changes for name in (claim.concept, *claim.other_names)
    }


def test_a_folder_against_its_copy_shows_no_change(example: Path, tmp_path: Path) -> None:
    shutil.copytree(example / "base", tmp_path / "copy")
    assert not explain_folders(example / "base", tmp_path / "copy").changes


@pytest.fixture(scope="module")
def few(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pairs of the example, which are soon explained."""
    folder = tmp_path_factory.mktemp("few")
    for side in ("base", "tuned"):
        (folder / side).mkdir()
        for name in ("03.png", "07.png"):
            (folder / side / name).write_bytes((example / side / name).read_bytes())
    return folder


def of(folder: Path) -> list[str]:
    return ["explain", str(folder / "base"), str(folder / "tuned")]


def test_one_pair_is_explained_in_every_form(few: Path, tmp_path: Path) -> None:
    for side in ("base", "tuned"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "a.png").write_bytes((few / side / "03.png").read_bytes())
    forms = [f"--{form}={tmp_path / form}" for form in ("html", "json", "markdown")]
    assert main([*of(tmp_path), *forms]) == 0
    assert Explanation.from_json((tmp_path / "json").read_bytes()).verdict is Verdict.NOT_ENOUGH_DATA


def test_pairs_are_named_by_their_files_and_what_to_beware_of_is_on_the_card(
    few: Path, tmp_path: Path
) -> None:
    (tmp_path / "tuned").mkdir()
    for file in (few / "tuned").iterdir():
        Image.open(file).convert("RGB").save(tmp_path / "tuned" / f"{file.stem}.bmp")
    with pytest.warns(UserWarning, match="differ in format"):
        explanation = explain_folders(few / "base", tmp_path / "tuned")
    assert explanation.pair_names == ("03", "07")
    for card in (explanation.to_html(), explanation.to_markdown(), str(explanation)):
        assert "2 of 2 pictures differ in format" in " ".join(card.replace("│", " ").split())


def test_pictures_that_are_no_pairs_have_no_names_of_pairs(few: Path) -> None:
    assert explain_folders(few / "base", few / "tuned", paired=False).pair_names == ()


def test_folders_in_the_wrong_order_are_told(example: Path, capsys) -> None:
    words = ["explain", str(example / "tuned"), str(example / "base"), "--encoder", "miniature"]
    assert main(words) == 1
    assert (
        "Those of the tuned folder are of it: if that is the base, name it first." in capsys.readouterr().err
    )


def test_a_pipe_is_written_to_and_stays_one(few: Path, tmp_path: Path) -> None:
    pipe, link = tmp_path / "card.json", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    with ThreadPoolExecutor() as reader:
        read = reader.submit(pipe.read_bytes)
        assert main([*of(few), "--quiet", f"--json={link}"]) == 0
        assert Explanation.from_json(read.result(timeout=60)).n_pairs == 2
    assert pipe.is_fifo() and link.is_symlink() and sorted(tmp_path.iterdir()) == [pipe, link]


def test_a_link_stays_one_and_its_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link.md").symlink_to(tmp_path / "there" / "card.md")
    write_card(tmp_path / "link.md", "card")
    assert (tmp_path / "link.md").is_symlink() and (tmp_path / "there" / "card.md").read_text() == "card"
    assert [file.name for file in (tmp_path / "there").iterdir()] == ["card.md"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--html=one.x", "--json=./one.x"], "Got 'one.x', which is that of `--html` too"),
        (["--prompts=p.txt", "--json=p.txt"], "Got 'p.txt', which is an input too"),
        (["--words=p.txt", "--markdown=link"], "Got 'link', which is an input too"),
        (["--html=/proc/card.html"], "must be writable. It is not"),
    ],
)
def test_what_cannot_be_written_is_told_before_any_work(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, words: list[str], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.txt").write_text("a boat\na house\n")
    (tmp_path / "link").symlink_to("p.txt")
    assert main([*of(few), *words]) == 2
    said = capsys.readouterr().err
    assert complaint in said and "reading pictures" not in said
    assert (tmp_path / "p.txt").read_text() == "a boat\na house\n" and len(list(tmp_path.iterdir())) == 2


@pytest.fixture
def mine(few: Path, tmp_path: Path) -> Path:
    """Two pairs with all that a question may read: captions, links, an encoder, kept replies, and an earlier card."""
    for side in ("base", "tuned"):
        shutil.copytree(few / side, tmp_path / side)
    (tmp_path / "base" / "03.txt").write_text("a boat")
    (tmp_path / "base" / "07.png").replace(tmp_path / "elsewhere.png")
    (tmp_path / "base" / "07.png").symlink_to(tmp_path / "elsewhere.png")
    (tmp_path / "base" / "card.txt").write_text("an earlier card")
    (tmp_path / "replies.jsonl").touch()
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "config.json").write_text("{}")
    return tmp_path


@pytest.mark.parametrize(
    "word",
    [
        "--json=tuned/03.png",
        "--json=tuned/../base/03.png",
        "--markdown=base/03.txt",
        "--html=base/07.png",
        "--html=elsewhere.png",
        "--json=replies.jsonl",
        "--json=encoder/config.json",
    ],
)
def test_no_card_takes_the_place_of_what_is_read(
    mine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    monkeypatch.chdir(mine)
    before = {file: file.read_bytes() for file in mine.rglob("*.*") if file.is_file()}
    vlm = "--vlm=m@http://127.0.0.1:1/v1 record=replies.jsonl"
    assert main([*of(mine), "--encoder=encoder", vlm, word]) == 2
    said = capsys.readouterr().err
    assert "which is an input too. Name another." in said and "reading pictures" not in said
    assert {file: file.read_bytes() for file in mine.rglob("*.*") if file.is_file()} == before


def test_cards_may_lie_beside_pictures_and_take_the_place_of_earlier_ones(mine: Path) -> None:
    words = [f"--markdown={mine / 'base' / 'card.txt'}", f"--json={mine / 'tuned' / '03.json'}", "--quiet"]
    assert main([*of(mine), *words]) == 0
    assert (mine / "base" / "card.txt").read_text().startswith("## ") and (
        mine / "tuned" / "03.json"
    ).is_file()


@pytest.mark.parametrize("words", [["explain", LONG, LONG], ["example", LONG]])
def test_a_path_that_the_system_refuses_is_told_without_traceback(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert "File name too long. Give it a shorter name" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--json", "--encoder", "--prompts", "--words"])
def test_an_option_with_a_path_that_the_system_refuses_is_told_without_traceback(
    few: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*of(few), option, LONG]) == 2
    assert "File name too long" in capsys.readouterr().err


def test_a_closed_folder_is_told_without_traceback(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rights do not stop a superuser, so that they are refused here."""
    see = os.stat

    def refuse(path: str | os.PathLike[str], *rest: object, **further: Any) -> os.stat_result:
        if str(path).startswith(str(tmp_path / "closed")):
            raise PermissionError(13, "Permission denied", str(path))
        return see(path, *rest, **further)

    monkeypatch.setattr("os.stat", refuse)
    closed = tmp_path / "closed" / "x"
    for words in (
        ["example", str(closed)],
        [*of(few), f"--html={closed}"],
        [*of(few), f"--encoder={closed}"],
    ):
        assert main(words) == 2
        assert "Permission denied" in capsys.readouterr().err


def test_a_card_may_have_the_longest_name_that_files_can_have(few: Path, tmp_path: Path) -> None:
    card = tmp_path / ("x" * 255)
    assert main([*of(few), "--quiet", f"--json={card}"]) == 0
    assert [*tmp_path.iterdir()] == [card]


def test_what_ships_need_not_be_got(capsys) -> None:
    assert main(["get", "miniature"]) == 0
    assert capsys.readouterr().out == "miniature: it ships with finexl.\n"


def test_weights_that_cannot_be_had_are_told_with_what_this_command_understands(
    monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise EncoderError("must load. Give encoder.folder=<path>.") from OSError("The hub is away.")

    monkeypatch.setattr("finexl.encoders.open_clip.load_pretrained", fail)
    assert main(["get", "clip"]) == 1
    said = capsys.readouterr().err
    assert f"hub repository {PUBLISHED['clip'].repository}. They did not: The hub is away. Check" in said
    assert "encoder.folder" not in said


def test_unpaired_intervals_are_wider(example: Path) -> None:
    def width(*, paired: bool) -> float:
        claim = explain_folders(example / "base", example / "tuned", paired=paired).claims[0]
        return claim.interval[1] - claim.interval[0]

    assert width(paired=False) > width(paired=True)


def test_missing_weights_are_told_before_any_connection_with_the_command_that_gets_them(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("a connection was tried"))
    assert main(["explain", str(example / "base"), str(example / "tuned"), "--encoder", "clip"]) == 1
    said = capsys.readouterr().err
    assert "python -m finexl get clip" in said and PUBLISHED["clip"].repository in said


def test_foreign_pictures_are_refused_by_the_miniatures_encoder(tmp_path: Path, capsys) -> None:
    assert main([*foreign(tmp_path), "--encoder", "miniature"]) == 1
    assert "are not of it" in (said := capsys.readouterr().err) and "--anyway" in said


@pytest.mark.parametrize("place", ["relative", "link", "copy"])
def test_the_miniatures_encoder_is_known_by_whichever_path_it_is_given(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words, folder = foreign(tmp_path), tmp_path / "my encoder"
    match place:
        case "relative":
            folder = Path(os.path.relpath(SHIPPED / "encoder", tmp_path))
        case "link":
            folder.symlink_to(SHIPPED / "encoder")
        case _:
            shutil.copytree(SHIPPED / "encoder", folder)
    monkeypatch.chdir(tmp_path)
    assert main([*words, "--encoder", str(folder)]) == 1
    assert "--encoder miniature --anyway" in " ".join(capsys.readouterr().err.split())
    assert choose_encoder(str(folder)) == choose_encoder("miniature")


def test_another_encoder_of_the_miniatures_world_is_advised_by_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = SHIPPED / "encoder_vit"
    assert main([*foreign(tmp_path), "--encoder", str(folder)]) == 1
    assert f"--encoder {folder} --anyway" in capsys.readouterr().err
    assert choose_encoder(str(folder)).dictionary() == choose_encoder("miniature").dictionary()


def test_an_encoder_with_other_settings_is_not_the_miniatures(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "encoder", tmp_path / "miniature")
    broken(tmp_path / "miniature", {"preprocess_cfg": {}})
    assert choose_encoder(str(tmp_path / "miniature")).familiarity is None


def broken(folder: Path, change: dict[str, object]) -> None:
    config = folder / "open_clip_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **change}))


BROKEN: tuple[dict[str, object], ...] = (
    {"tokenizer": 3},
    {"model_cfg": {"embed_dim": 64, "vision_cfg": None, "text_cfg": {}}},
    {"preprocess_cfg": [1]},
    {"preprocess_cfg": {"mean": 3}},
    {"preprocess_cfg": {"size": [0, 0]}},
)


@pytest.mark.parametrize("change", BROKEN, ids=str)
def test_a_broken_encoder_is_told_before_pictures_are_read(
    few: Path, tmp_path: Path, change: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(SHIPPED / "encoder", tmp_path / "mine")
    broken(tmp_path / "mine", change)
    assert main([*of(few), "--encoder", str(tmp_path / "mine")]) == 2
    said = capsys.readouterr().err
    assert "must hold one as open_clip or transformers write it" in said and "Save the model again" in said
    assert "reading pictures" not in said


def test_a_configuration_that_transformers_trips_over_is_told(few: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": ["x"]}')
    with pytest.raises(InvalidInputError, match="must hold one as open_clip or transformers write it"):
        explain_folders(few / "base", few / "tuned", encoder=tmp_path)


@pytest.mark.parametrize("device", ["meta", "meta:0", "nonsense", "privateuseone", ""])
def test_a_device_that_computes_nothing_is_told_before_pictures_are_read(
    few: Path, device: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*of(few), "--device", device]) == 2
    said = capsys.readouterr().err
    assert "`device` must be one that computes" in said and "reading pictures" not in said


def test_foreign_pictures_are_explained_anyway(tmp_path: Path, capsys) -> None:
    assert main([*foreign(tmp_path), "--encoder", "miniature", "--anyway"]) == 0
    assert "outside the world of this encoder" in capsys.readouterr().err


def test_foreign_pictures_without_an_encoder_say_which_one_to_get(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    assert main(foreign(tmp_path)) == 1
    assert "knows only its own rendered world" in (said := capsys.readouterr().err) and "get clip" in said


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--encoder", "klip"], "Did you mean encoder=clip"),
        (["--vlm", "nobody"], "`vlm` must be one of"),
        (["--vlm", "gpt@https://far.example/v1"], "OPENAI_API_KEY"),
        (["--html", "/no/such/folder/card.html"], "a folder that exists"),
        (
            ["--prompts", "/no/such/file"],
            "`--prompts` must be a file that can be read. Got '/no/such/file': No such",
        ),
        (
            ["--words", "/no/such/file"],
            "`--words` must be a file that can be read. Got '/no/such/file': No such",
        ),
    ],
)
def test_what_cannot_work_is_told_before_any_work(
    words: list[str], complaint: str, example: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert main(["explain", str(example / "base"), str(example / "tuned"), *words]) in (1, 2)
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("form", ["html", "json", "markdown"])
def test_a_card_that_is_to_be_a_folder_is_told_how_to_lie_in_it(
    form: str, few: Path, tmp_path: Path, capsys
) -> None:
    (folder := tmp_path / "of mine").mkdir()
    assert main([*of(few), f"--{form}", str(folder)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "which is a folder. Name a file in it" in said and "Make the folder" not in said
    named = shlex.split(said.rpartition("as in ")[2])
    assert main([*of(few), *named, "--quiet"]) == 0 and any(folder.iterdir())


def test_the_command_for_an_example_can_be_copied(tmp_path: Path, capsys) -> None:
    assert main(["example", str(tmp_path / "p ü")]) == 0
    command = capsys.readouterr().out.rpartition("python -m finexl ")[2]
    assert shlex.split(command) == ["explain", *(str(tmp_path / "p ü" / one) for one in ("base", "tuned"))]


def test_a_model_that_does_not_answer_is_told_in_one_line_and_in_the_card(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    card = tmp_path / "card.json"
    words = ["explain", str(example / "base"), str(example / "tuned"), "--vlm", f"m@{url}"]
    assert main([*words, "--json", str(card), "--quiet"]) == 0
    (line,) = [each for each in capsys.readouterr().err.splitlines() if "without an answer" in each]
    assert re.search(r"(\d+) of \1 questions", line) and "ConnectError" in line
    assert json.loads(card.read_text())["notes"]["told"] == line


def test_an_encoder_may_be_given_by_the_path_of_its_folder(few: Path) -> None:
    assert explain_folders(few / "base", few / "tuned", encoder=SHIPPED / "encoder").n_pairs == 2


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    "wrong",
    [
        {"encoder": None},
        {"encoder": 3},
        {"vlm": 3},
        {"prompts": ["a boat", "a house"]},
        {"device": None},
        {"dictionary": "vivid"},
        {"dictionary": ("vivid", "")},
        {"dictionary": ["vivid", 3]},
        {"paired": "no"},
        {"paired": None},
        {"anyway": 1},
    ],
    ids=str,
)
def test_a_part_of_the_wrong_kind_is_told_before_pictures_are_read(
    few: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]
) -> None:
    monkeypatch.setattr("finexl.explain.explaining.read_folders", lambda *_, **__: pytest.fail("read"))
    with pytest.raises(InvalidInputError, match=rf"`{next(iter(wrong))}` must .* Got"):
        explain_folders(few / "base", few / "tuned", **wrong)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("words", "dictionary="), ("unpaired", "paired="), ("encodr", "encoder="), ("html", "Leave it out")],
)
def test_a_part_that_does_not_exist_is_told_with_those_that_do(few: Path, name: str, meant: str) -> None:
    with pytest.raises(UnknownNameError, match=rf"one of: prompts, .*device\. Got {name}=\. .*{meant}"):
        explain_folders(few / "base", few / "tuned", **{name: ["vivid"]})


@pytest.mark.usefixtures("unchecked")
def test_folders_must_be_paths(few: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"`tuned` must be the path of a folder\. Got None"):
        explain_folders(few / "base", None)  # pyright: ignore[reportArgumentType]  # what people do


def test_a_path_that_the_system_refuses_is_an_error_of_input(few: Path) -> None:
    with pytest.raises(InvalidInputError, match="File name too long"):
        explain_folders(few / "base", few / "tuned", encoder=LONG)


def test_replies_that_name_nothing_are_told(example: Path) -> None:
    class Refusing:
        id = "refusing"

        def ask(self, questions: Sequence[Question]) -> tuple[Reply, ...]:
            return tuple(Reply(text="I'm sorry, I can't help.") for _ in questions)

    with pytest.warns(UserWarning, match=r"replies of refusing some named nothing: \d refused"):
        explain_folders(example / "base", example / "tuned", vlm=Refusing())


def test_words_beyond_those_that_are_read_of_a_reply_are_told(example: Path) -> None:
    class Endless:
        id = "endless"

        def ask(self, questions: Sequence[Question]) -> tuple[Reply, ...]:
            return tuple(Reply(text=", ".join(f"style {n}" for n in range(100, 170))) for _ in questions)

    with pytest.warns(
        UserWarning, match=r"endless: \d+0 words left out that stood beyond the first 60 of a reply"
    ):
        found = explain_folders(example / "base", example / "tuned", vlm=Endless())
    assert found.notes["n_words_left_out"] == 10 * int(str(found.notes["n_vlm_calls"]))


def test_words_of_ones_own_are_all_that_can_be_claimed(example: Path, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("# mine\nvivid, blurry\ncartoon\n", encoding="utf-8")
    out = tmp_path / "card.json"
    words = ["--words", str(tmp_path / "words.txt"), "--json", str(out), "--quiet"]
    assert main(["explain", str(example / "base"), str(example / "tuned"), *words]) == 0
    named = {claim["concept"] for claim in json.loads(out.read_text())["claims"]}
    assert named <= {"vivid", "blurry", "cartoon"} and "vivid" in named


def test_an_example_is_not_written_over_other_files(tmp_path: Path, capsys) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["example", str(tmp_path)]) == 2
    assert "new or empty" in capsys.readouterr().err


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_weights_are_where_open_clip_gets_them(name: str) -> None:
    weights = PUBLISHED[name]
    found = open_clip.get_pretrained_cfg(weights.architecture, weights.tag)
    assert found["hf_hub"].rstrip("/") == weights.repository


def test_an_unknown_encoder_is_told_what_there_is() -> None:
    with pytest.raises(UnknownNameError, match=r"auto, clip, clip-b32, miniature.*folder"):
        choose_encoder("nothing")


def test_missing_weights_are_an_error_of_the_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(EncoderError, match=r"1\.7 GB"):
        choose_encoder("clip")


def test_the_shipped_words_are_the_worlds() -> None:
    from benchmark.parts.dictionary import public_dictionary

    assert words_in(DICTIONARY.read_text(encoding="utf-8")) == public_dictionary()


def test_words_are_divided_by_tabs_and_semicolons_too_and_stand_once_whatever_their_case() -> None:
    assert words_in("Vivid\tgrainy; vivid,VIVID\n# c, d\nneon") == ("Vivid", "grainy", "neon")


def test_prompts_that_the_encoder_cuts_are_told_on_the_card(example: Path, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("\n".join(f"a boat {i} " + "in the sky " * 40 for i in range(40)))
    card = tmp_path / "card.json"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        words = ["explain", str(example / "base"), str(example / "tuned"), "--prompts", str(prompts)]
        assert main([*words, "--json", str(card)]) == 0
    told = Explanation.from_json(card.read_text()).notes["told"]
    assert isinstance(told, str) and "longer than the encoder reads" in told


def test_words_in_json_are_refused(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = tmp_path / "words.txt"
    words.write_text('["vivid", "grainy"]')
    assert main(["explain", str(example / "base"), str(example / "tuned"), "--words", str(words)]) == 2
    assert "looks like JSON" in " ".join(capsys.readouterr().err.split())


def test_the_three_lines_of_the_docs_run_as_written(
    example: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    block = next(
        block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "explain_folders" in block
    )
    monkeypatch.chdir(example.parent)
    exec(block, {})
    assert "vivid" in capsys.readouterr().out
