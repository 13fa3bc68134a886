"""A part is known by one row: with it alone the new part is listed, chosen, priced, keyed and built."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.parts.explainers import EXPLAINERS
from benchmark.parts.table import construct, imported
from finexl.errors import InvalidInputError
from finexl.interfaces import Encoder

ROOT = Path(__file__).parents[3]
ADDED = """
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import finexl.code_version
from finetune.corpora.kinds import CORPORA, CorpusKind, CorpusSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfSettings(CorpusSettings):
    "Pictures on a shelf."

    kind: Literal["shelf"] = "shelf"
    shelf: str


CORPORA["shelf"] = CorpusKind(ShelfSettings, "added:open_shelf")

from benchmark.parts.encoders import ENCODERS, EncoderSettings
from benchmark.parts.explainers import ENCODER, EXPLAINERS, MODEL, ExplainerPart
from benchmark.parts.questions import Asked
from benchmark.parts.strictness import settings
from benchmark.parts.table import Part
from benchmark.parts.vlms import VLMS, VLMSettings
from benchmark.plan.scenario import Scenario
from benchmark.plan.scenarios import SCENARIOS
from benchmark.plan.single_aspect import plan
from benchmark.score.scoring import LADDER
from finetune.family_facts import FAMILIES, FamilyFacts
from finexl.toy import ToyWorld
from finexl.values import TextExplanation


@dataclass(frozen=True, kw_only=True)
class MineSettings:
    size: int = 1


@dataclass(frozen=True, kw_only=True)
class Mine:
    encoder: object
    vlm: object
    settings: MineSettings
    name: str

    def explain(self, pairs):
        return TextExplanation(text="vivid")


@settings
class ToyVLMSettings(VLMSettings):
    kind: Literal["toy"] = "toy"
    place: str = "a"

    @property
    def own_identity(self):
        return {"toy": self.place}


@settings
class ToyEncoderSettings(EncoderSettings):
    kind: Literal["toy"] = "toy"


def toy_vlm(given, ledger):
    return ToyWorld().vlm


def toy_encoder(given):
    return ToyWorld().encoder


def open_shelf(given, *, store):
    from finetune.corpora.synthetic import SyntheticCorpus

    return SyntheticCorpus(aspects=(given.shelf, "vivid"))


class WallFamily:
    def __init__(self, settings, *, store): ...


def wall_size(folder):
    return 64, 64


def asks(given, n_prompts):
    return [Asked(n_calls=given.size, text="?")]


EXPLAINERS["mine"] = ExplainerPart(
    "added:Mine", about="Mine is new.", settings=MineSettings, uses=(ENCODER, MODEL), asks=asks, track="solo"
)
VLMS["toy"] = Part("added:toy_vlm", settings=ToyVLMSettings, about="A toy that sees.")
ENCODERS["toy"] = Part("added:toy_encoder", settings=ToyEncoderSettings, about="A toy that embeds.")
FAMILIES["walls"] = FamilyFacts(
    opens="added:WallFamily",
    image_size="added:wall_size",
    trained_by=("added:WallFamily",),
    sampled_by=("added:WallFamily",),
    unused=("guidance",),
    miniature="walls",
)
SCENARIOS["again"] = Scenario(about="The same again.", plan=plan, scoring=LADDER, size=lambda preset: "as many")
"""
SOURCES = """
here = finexl.code_version.Own(folder=Path(__file__).parent, names=frozenset({"added"}))
finexl.code_version.project = lambda code=finexl.code_version.Code(own=here): code
"""
WORDS = '["explainer=mine", "vlm=toy", "encoder=toy", "scenario=again", "preset=smoke"]'


def told(tmp_path: Path, script: str) -> str:
    """What a script says in a process where the rows are there from the start, as if they were in the tables."""
    (tmp_path / "added.py").write_text(ADDED + SOURCES)
    done = subprocess.run(
        [sys.executable, "-c", f"import added\n{script}"],
        cwd=ROOT,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_new_row_is_listed(tmp_path: Path) -> None:
    groups = ("explainer", "vlm", "encoder", "scenario", "corpus")
    said = told(tmp_path, f"from benchmark.cli import main\n[main(['list', group]) for group in {groups}]")
    for line in (
        "Mine is new.",
        "A toy that sees.",
        "A toy that embeds.",
        "The same again.",
        "Pictures on a shelf.",
    ):
        assert line in said


def test_a_new_row_is_chosen_planned_and_priced(tmp_path: Path) -> None:
    words = f"{WORDS} + ['explainer_settings.mine.size=3', 'store=s', 'vlm.place=x', '--dry-run']"
    said = told(tmp_path, f"from benchmark.cli import main\nmain(['run', *{words}])")
    assert "again/vivid/seed1000: 5 models" in said
    assert "again: at most 15 VLM calls" in said


def test_a_new_rows_key_changes_with_its_settings_and_those_of_what_it_uses(tmp_path: Path) -> None:
    script = f"""
from benchmark.config.loading import load_settings
from benchmark.parts.explainers import explainer_key
def key(*words):
    settings = load_settings([*{WORDS}, *words])
    return explainer_key(settings.explainers[0], settings, ("vivid",), probe=dict)
changes = ("vlm.place=b", "encoder.device=cuda", "explainer_settings.mine.size=2")
print(len({{key(), *map(key, changes)}}), key() == key())
"""
    assert told(tmp_path, script).split() == ["4", "True"]


def test_a_new_row_is_built_from_what_it_uses_and_scored(tmp_path: Path) -> None:
    script = f"""
from benchmark.config.loading import load_settings
from benchmark.plan.scenarios import SCENARIOS
from benchmark.run.workbench import SettingsWorkbench
mine = SettingsWorkbench(load_settings({WORDS})).explainer("mine").explainer
print(mine.name, mine.settings.size, mine.vlm.id, mine.encoder.id, SCENARIOS["again"].scoring.is_ladder)
"""
    said = told(tmp_path, script)
    assert said.startswith("mine 1 ") and "toy" in said and said.split()[-1] == "True"


def test_a_new_family_of_generators_is_chosen_planned_and_keyed_by_its_row(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    words = f"{WORDS} + ['generator.family=walls', 'generator.guidance=3.0', 'generator.folder={tmp_path}', 'store=s']"
    script = f"""
from benchmark.cli import main
from benchmark.config.loading import load_settings
from benchmark.run.workbench import SettingsWorkbench
main(['run', *{words}, '--dry-run'])
bench = SettingsWorkbench(load_settings({words}))
(group, *_) = bench.groups()
print(len({{bench.pairs_key(trial, group.probe) for trial in group.trials}}), "keys")
print(main(['run', *{words}, 'generator.method=lora']))
"""
    said = told(tmp_path, script)
    assert "again/vivid/seed1000: 5 models; in the store: 0 of 1 trainings" in said
    assert "5 keys" in said and said.split()[-1] == "2"


def test_a_new_kind_of_corpus_is_chosen_and_planned_by_its_row(tmp_path: Path) -> None:
    words = f"{WORDS} + ['corpus=shelf', 'store=s', '--dry-run']"
    script = f"""
from benchmark.cli import main
main(['run', *{words}, 'corpus.shelf=warm'])
print(main(['run', *{words}]), main(['run', *{words}, 'corpus.shelf=warm', 'corpus.folder=x']))
"""
    said = told(tmp_path, script)
    assert "again/warm/seed1000: 5 models" in said
    assert said.split()[-2:] == ["2", "2"]


@pytest.mark.parametrize("kind", EXPLAINERS)
def test_every_row_leads_to_a_class_that_asks_for_no_more_than_it_uses(kind: str) -> None:
    part = EXPLAINERS[kind]
    assert callable(imported(part.target))
    assert part.about.endswith(".") and part.track in ("solo", "joint", "told")
    assert (part.track == "told") == ("concepts" in part.uses)


def test_a_joint_explainer_is_one_that_explains_groups() -> None:
    joint = {kind for kind, part in EXPLAINERS.items() if part.track == "joint"}
    assert joint == {
        kind for kind, part in EXPLAINERS.items() if hasattr(imported(part.target), "explain_jointly")
    }


def test_a_constructor_that_asks_for_what_is_not_there_is_told_what_is() -> None:
    def build(encoder: Encoder, truth: int) -> None: ...

    with pytest.raises(
        InvalidInputError, match=r"may ask for encoder, each by its name\. It asks for truth too"
    ):
        construct(build, {"encoder": lambda: None}, who="mine")
