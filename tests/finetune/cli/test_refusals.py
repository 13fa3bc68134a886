"""What cannot be done is refused by the name of its option, before anything is written."""

from pathlib import Path

import pytest

from finetune.cli import main
from finetune.miniature.models import version_adapter

V21 = str(version_adapter("v21"))
OF_MODELS = {
    "images": (V21,),
    "explain": (V21,),
    "sweep": (V21,),
    "compare": (V21, V21),
    "advise": (V21, "--want", "vivid 1, grainy 1", "--shares", "vivid 1, grainy 1"),
}
"""Every command that draws pictures of a model, with what it cannot do without."""


@pytest.fixture
def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """What a command says that must end without a file or folder of its own."""

    def run(command: str, *more: str) -> str:
        words = [command, *OF_MODELS.get(command, ()), *more]
        assert main(words if "--to" in more else [*words, "--to", str(tmp_path / "out")]) == 1
        assert not (tmp_path / "out").exists()
        return capsys.readouterr().err

    return run


@pytest.mark.parametrize("command", OF_MODELS)
@pytest.mark.parametrize(
    ("option", "given", "must"),
    [
        ("--steps", "0", "at least 1"),
        ("--steps", "1001", "at most 1000"),
        ("--batch", "-1", "at least 1"),
        ("--guidance", "nan", "a finite number"),
        ("--device", "foo", "computes on this machine"),
        ("--device", "meta", "computes on this machine"),
        ("--seed", "-1", "in 0.."),
    ],
)
def test_what_no_picture_can_be_drawn_with_is_refused_by_its_option(
    refused, command: str, option: str, given: str, must: str
) -> None:
    said = refused(command, option, given)
    assert f"`{option}` must be " in said and must in said and given in said


@pytest.mark.parametrize("command", ["images", "compare", "advise"])
def test_no_pair_is_refused_by_its_option(refused, command: str) -> None:
    assert "`--pairs` must be at least 1. Got 0." in refused(command, "--pairs", "0")


@pytest.mark.parametrize(
    "words",
    [("--want", "vivid 1, grainy 1", "--rounds", "-1"), ("--want", "vivid 1, grainy 1", "--steps", "0")],
)
def test_trainings_for_a_wish_refuse_the_same(tmp_path: Path, words, capsys) -> None:
    assert main(["advise", *words, "--to", str(tmp_path / "out")]) == 1
    assert f"`{words[2]}` must be at least" in capsys.readouterr().err and not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", OF_MODELS)
@pytest.mark.parametrize("place", ["/dev/null", "/dev/null/pictures"])
def test_pictures_are_put_into_a_folder(refused, command: str, place: str) -> None:
    assert f"`--to` must be a folder of yours, or one that can be made. Got '{place}'" in refused(
        command, "--to", place
    )


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["sheet"], "path"),
        (["prompts"], "path"),
        (["relatives"], "path"),
        (["survival"], "path"),
        (["direction", "nothing", "<t1>", "--to"], "--to"),
    ],
)
def test_what_is_written_at_the_end_is_a_file(words: list[str], option: str, tmp_path: Path, capsys) -> None:
    assert main([*words, str(tmp_path)]) == 1
    assert f"`{option}` must be a file of yours, or one that can be made. Got" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [["check-cards", "--store"], ["check-advice", "--store"], ["ground", "--store"], ["pretrain", "encoder", "--state"],
     ["survival", "x.png", "--store"], ["convert", "anole", "vqgan=x", "--to"]],
)  # fmt: skip
def test_what_is_kept_is_kept_in_a_folder(words: list[str], capsys) -> None:
    assert main([*words, "/dev/null"]) == 1
    assert f"`{words[-1]}` must be a folder of yours" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["sweep", "compare"])
@pytest.mark.parametrize("page", ["nowhere/page.md", ".", "image"])
def test_a_page_is_text_in_a_folder_that_exists(refused, command: str, page: str, tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"\xff\xd8")
    assert "`--page` must be " in refused(command, "--page", str(tmp_path / page))


@pytest.mark.parametrize("words", [["check-cards"], ["check-advice"], ["survival", "x.png"]])
def test_a_page_of_what_takes_hours_is_seen_first(words: list[str], tmp_path: Path, capsys) -> None:
    more = ["--store", str(tmp_path / "kept"), "--page", str(tmp_path / "nowhere" / "page.md")]
    assert main([*words, *more]) == 1
    assert "`--page` must be a file in a folder that exists" in capsys.readouterr().err


def test_who_waits_for_checkpoints_is_refused_before_the_first(refused, tmp_path: Path) -> None:
    assert "`--steps` must be at least 1" in refused("sweep", "--watch", "600", "--steps", "0")


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("sweep", ("--target", "foo")),
        ("sweep", ("--most-drift", "nan")),
        ("sweep", ("--most-drift", "-1")),
        ("sweep", ("--watch", "nan")),
        ("compare", ("--target", "vivid")),
        ("compare", ("--target", "foo", "--at-equal-effect")),
    ],
)
def test_what_would_change_nothing_is_refused(refused, command: str, more: tuple[str, ...]) -> None:
    said = refused(command, *more)
    assert f"`{more[0]}` " in said and more[1] in said
