"""A bundle is explained blind, every reply is kept, and a killed command goes on where it stopped."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from frozen_world import frozen_world
from ideal_bench import ASPECTS, Failing, Flat, Joint, Measuring

from benchmark.bundle import explaining
from benchmark.bundle.answers import GroupKey, said_plainly
from benchmark.bundle.asked import Asked, most_calls, read_words
from benchmark.bundle.explaining import BundleWorkbench, Listener, explain_bundle, explained
from benchmark.bundle.manifest import Bundle
from benchmark.cli import main
from benchmark.explain.explaining import Meter, MeteredExplainer
from finexl.errors import InvalidInputError
from finexl.interfaces import NoReply, Question, Reply
from finexl.notices import collected
from finexl.values import Claim, NoExplanation, ScoredExplanation, TextExplanation


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return frozen_world(tmp_path_factory.mktemp("world"))


def asked(bundle: Bundle, output: Path, explainer: str = "random") -> Asked:
    return read_words([f"bundle={bundle.folder}", f"explainer={explainer}", f"output={output}"])


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def quiet(_: str) -> None:
    pass


class Lending(BundleWorkbench):
    """A workbench with an explainer of this test."""

    lent: object = Flat()

    def listening(self) -> tuple[MeteredExplainer, Listener | None]:
        return MeteredExplainer(explainer=self.lent, meter=Meter()), None


class Scripted:
    """A model that numbers its replies, and refuses every third question."""

    id = "scripted"
    n = 0

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        found = []
        for _ in questions:
            self.n += 1
            found.append(
                NoReply(reason="refused") if self.n % 3 == 0 else Reply(text=f"vivid \u202e {self.n}")
            )
        return tuple(found)


def test_every_scored_model_is_answered_once_in_the_order_of_the_bundle(
    bundle: Bundle, tmp_path: Path
) -> None:
    assert explain_bundle(asked(bundle, tmp_path / "said"), quiet) == 0
    found = [line["trial"] for line in lines(tmp_path / "said" / "explanations.jsonl")]
    assert found == list(bundle.manifest.trials("public"))


def test_who_is_told_the_vocabulary_is_told_the_bundles(bundle: Bundle, tmp_path: Path) -> None:
    explain_bundle(asked(bundle, tmp_path), quiet)
    for line in lines(tmp_path / "explanations.jsonl"):
        assert {claim["concept"] for claim in line["said"]["claims"]} == set(ASPECTS)


def test_what_is_explained_already_is_not_explained_again(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, shown = explaining.explained, []

    def counted(bench: Any, group: Any, key: Any) -> Any:
        if len(shown) == 1:
            raise KeyboardInterrupt
        shown.append(group.id)
        return real(bench, group, key)

    monkeypatch.setattr(explaining, "explained", counted)
    with pytest.raises(KeyboardInterrupt):
        explain_bundle(asked(bundle, tmp_path), quiet)
    monkeypatch.setattr(explaining, "explained", real)
    told: list[str] = []
    explain_bundle(asked(bundle, tmp_path), told.append)
    assert "1 of 3 groups are there" in told and told[-1].startswith("2 of 2 groups")
    kept = (tmp_path / "explanations.jsonl").read_bytes()
    explain_bundle(asked(bundle, tmp_path), told.append)
    assert told[-1] == "3 of 3 groups are there"
    assert (tmp_path / "explanations.jsonl").read_bytes() == kept


def test_a_failure_is_asked_again_and_counted(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lending, "lent", Failing())
    monkeypatch.setattr(explaining, "BundleWorkbench", Lending)
    n_failed = explain_bundle(asked(bundle, tmp_path), quiet)
    said = [line["said"] for line in lines(tmp_path / "explanations.jsonl")]
    assert n_failed == sum(one["reason"] == "failed" for one in said) > 0
    assert {one["reason"] for one in said} == {"failed", "refused"}
    monkeypatch.setattr(Lending, "lent", Flat())
    assert explain_bundle(asked(bundle, tmp_path), quiet) == 0


@pytest.mark.parametrize("explainer", [Measuring(), Joint()])
def test_answers_belong_to_their_models(
    explainer: object, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lending, "lent", explainer)
    bench = Lending(asked(bundle, tmp_path))
    truth = next(one for one in bundle.truth("public").groups if one.scenario == "single_aspect")
    group = next(one for one in bundle.manifest.groups if one.id == truth.group)
    key = GroupKey(explainer_key="k", group=group.id, bundle=bundle.sha256, version="1")
    record = explained(bench, group, key)
    amounts = [
        float(one.said["text"].split()[1].split("/")[0])
        if "text" in one.said
        else one.said["claims"][0]["amount"]
        for one in record.answers
    ]
    levels = [trial.levels[0] for trial in truth.trials]
    assert len(amounts) == len(levels) > 2
    order = range(len(levels))
    assert sorted(order, key=amounts.__getitem__) == sorted(order, key=levels.__getitem__)


def test_every_reply_is_kept_with_its_model_and_refusals_too(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted = Scripted()
    monkeypatch.setattr(explaining, "load_vlm", lambda given, ledger: scripted)
    explain_bundle(asked(bundle, tmp_path, "naive_vlm"), quiet)
    replies = lines(tmp_path / "replies.jsonl")
    assert len(replies) == scripted.n > 0
    assert {reply["trials"][0] for reply in replies} == set(bundle.manifest.trials("public"))
    assert all(len(reply["trials"]) == 1 for reply in replies)
    assert any(reply["reply"].startswith("(no reply: refused)") for reply in replies)
    assert not any("\u202e" in reply["reply"] for reply in replies)
    (vlm,) = json.loads((tmp_path / "measured.json").read_bytes())["vlms"]
    assert {reply["vlm"] for reply in replies} == {vlm}


def test_the_folder_of_the_bundle_is_hidden_from_explainers_of_others(bundle: Bundle, tmp_path: Path) -> None:
    assert bundle.folder.absolute() in BundleWorkbench(asked(bundle, tmp_path)).hidden


def test_facts_that_people_filled_in_stay(bundle: Bundle, tmp_path: Path) -> None:
    explain_bundle(asked(bundle, tmp_path), quiet)
    (tmp_path / "facts.json").write_text('{"name": "ours"}', encoding="utf-8")
    explain_bundle(asked(bundle, tmp_path), quiet)
    assert json.loads((tmp_path / "facts.json").read_bytes()) == {"name": "ours"}


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.mark.parametrize("forgotten", [(), ("explainer.json",)])
def test_a_folder_of_another_explainers_words_is_refused_before_any_work(
    forgotten: Sequence[str], bundle: Bundle, tmp_path: Path
) -> None:
    explain_bundle(asked(bundle, tmp_path, "constant"), quiet)
    for name in forgotten:  # as in folders from before it was noted
        (tmp_path / name).unlink()
    before, told = files_in(tmp_path), list[str]()
    with pytest.raises(
        InvalidInputError, match=r"another explainer.*Constant.*Got explainer=random.*output="
    ):
        explain_bundle(asked(bundle, tmp_path, "random"), told.append)
    assert files_in(tmp_path) == before and not told


def test_whose_words_a_folder_is_for_is_known_from_before_anything_was_said(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(explaining, "explained", killed)
    for _ in range(2):  # the same explainer goes on
        with pytest.raises(KeyboardInterrupt):
            explain_bundle(asked(bundle, tmp_path, "constant"), quiet)
    with pytest.raises(InvalidInputError, match="those of constant"):
        explain_bundle(asked(bundle, tmp_path, "random"), quiet)


def test_a_bundle_that_was_changed_is_not_explained(tmp_path: Path) -> None:
    changed = frozen_world(tmp_path)
    image = next((changed.folder / "images").iterdir())
    image.write_bytes(image.read_bytes()[:-1])
    with pytest.raises(InvalidInputError, match="must have the hash"):
        explain_bundle(asked(changed, tmp_path / "said"), quiet)
    assert not (tmp_path / "said").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["explainer=random"], "must be given bundle="),
        (["bundle={}"], "must be given explainer="),
        (["bundle={}", "explainer=random,constant"], "must be one"),
        (["bundle={}", "explainer=oracle_probe"], "a bundle has none"),
        (["bundle={}", "explainer=random", "scenario=sparse"], "`explain` takes"),
        (["bundle=nowhere", "explainer=random"], r"folder with manifest\.json"),
    ],
)
def test_what_cannot_be_asked_is_refused(words: list[str], says: str, bundle: Bundle) -> None:
    with pytest.raises(InvalidInputError, match=says):
        read_words([word.format(bundle.folder) for word in words])


def test_the_most_calls_are_told_before_any_is_made(bundle: Bundle, tmp_path: Path) -> None:
    assert most_calls(asked(bundle, tmp_path)) == 0
    assert most_calls(asked(bundle, tmp_path, "naive_vlm")) >= len(bundle.manifest.trials("public"))


def test_what_is_said_keeps_the_limits_of_entries() -> None:
    many = ScoredExplanation(
        claims=tuple(Claim(concept=f"c{place}", amount=float(place)) for place in range(300))
    )
    with collected() as told:
        kept = said_plainly(many)["claims"]
    assert [one.line for one in told.values()] == [
        "entry: explanations cut to their 200 strongest claims, as many as an entry holds"
    ]
    assert [claim["concept"] for claim in kept] == [f"c{place}" for place in range(100, 300)]
    assert said_plainly(TextExplanation(text="e\u0301\x07\n" + "x" * 9000))["text"][:3] == "é \n"
    with collected() as told:
        assert len(said_plainly(TextExplanation(text="x" * 9000))["text"]) == 8000
    assert [one.line for one in told.values()] == ["entry: texts cut to the 8000 letters that an entry holds"]
    assert said_plainly(NoExplanation(reason="refused", detail="no")) == {
        "kind": "failure",
        "reason": "refused",
        "detail": "no",
    }


def test_another_seed_is_another_explainer(bundle: Bundle, tmp_path: Path) -> None:
    one = asked(bundle, tmp_path)
    other = replace(one, settings=replace(one.settings, seed=1))
    assert BundleWorkbench(one).explainer_key != BundleWorkbench(other).explainer_key


def test_a_dry_run_says_what_would_be_refused(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    explain_bundle(asked(bundle, tmp_path / "said", "constant"), quiet)
    (tmp_path / "taken").write_text("", encoding="utf-8")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    dry = ["explain", f"bundle={bundle.folder}", "--dry-run"]
    assert main([*dry, "explainer=constant", f"output={tmp_path / 'said'}"]) == 0
    assert "refused" not in capsys.readouterr().out
    assert main([*dry, "explainer=random", f"output={tmp_path / 'said'}"]) == 0
    assert "a run would be refused: `output` must be a folder without" in capsys.readouterr().out
    assert main([*dry, "explainer=naive_vlm", "vlm=openai", f"output={tmp_path / 'new'}"]) == 0
    assert "a run would be refused: " in capsys.readouterr().out
    assert main([*dry, "explainer=random", f"output={tmp_path / 'taken'}"]) == 1
    assert "`output` must be a place for files" in capsys.readouterr().err
