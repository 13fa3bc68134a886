"""What explanations cost is measured on what a run does, and nothing is embedded twice in it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from io import StringIO

import pytest
import torch
from PIL import Image
from rich.console import Console

from baselines.controls import ConstantScores
from benchmark import cli
from benchmark.config.choices import names_in
from benchmark.config.loading import load_settings
from benchmark.explain.explaining import Meter, MeteredExplainer, explain_blind
from benchmark.parts.explainers import EXPLAINERS, ExplainerConfig
from benchmark.parts.wording import WORLD as STYLES
from benchmark.run.workbench import MeteredVLM, SettingsWorkbench
from benchmark.speed.explainers import (
    ExplainerCost,
    LazyEncoder,
    NamingVLM,
    Uncosted,
    cost_of,
    cost_table,
    explainer_costs,
    read_words,
)
from finexl import PaperFineXL
from finexl.encoders.cache import CachedEncoder, image_key
from finexl.interfaces import Question, Task
from finexl.toy import ToyWorld

WORLD = ToyWorld()
GROUP = tuple(replace(WORLD.pairs(levels={"vivid": level}), id=f"m{level}") for level in (1, 2, 3))
WORDS = tuple(names[0] for names in STYLES.values())[:40]


class CountingEncoder:
    """Counts how often it embeds each image and text."""

    def __init__(self) -> None:
        self.images: Counter[object] = Counter()
        self.texts: Counter[str] = Counter()

    @property
    def id(self) -> str:
        return WORLD.encoder.id

    def embed_images(self, images: Sequence[Image.Image]) -> torch.Tensor:
        self.images.update(map(image_key, images))
        return WORLD.encoder.embed_images(images)

    def embed_texts(self, texts: Sequence[str]) -> torch.Tensor:
        self.texts.update(texts)
        return WORLD.encoder.embed_texts(texts)

    @property
    def most_often(self) -> int:
        return max([0, *self.images.values(), *self.texts.values()])


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> CountingEncoder:
    """Stands where a run's encoder is loaded."""
    encoder = CountingEncoder()
    monkeypatch.setattr("benchmark.run.workbench.load_encoder", lambda config: encoder)
    return encoder


def explained(kind: str) -> None:
    """One group, as a run explains it."""
    config = ExplainerConfig(name="it", kind=kind)
    bench = SettingsWorkbench(replace(load_settings(["preset=smoke"]), explainers=(config,)))
    n_aspects = len(bench.concepts)
    probe = torch.zeros(8, n_aspects, dtype=torch.float64)
    metered = bench.explainer("it", vlm=lambda: WORLD.vlm, probe=lambda: probe)
    explain_blind(metered.explainer, GROUP)
    explain_blind(metered.explainer, GROUP[:1])


@pytest.mark.parametrize("kind", EXPLAINERS)
def test_no_explainer_has_an_image_or_a_text_embedded_twice_for_a_group(
    kind: str, counting: CountingEncoder
) -> None:
    explained(kind)
    assert counting.most_often <= 1


@pytest.mark.parametrize(
    "kind", ["finexl", "finexl_paper", "divergence_norm", "oracle_concepts", "oracle_probe"]
)
def test_base_images_are_embedded_once_for_all_models_of_a_group(
    kind: str, counting: CountingEncoder
) -> None:
    explained(kind)
    assert len(counting.images) == len(WORLD.prompts) * (1 + len(GROUP))


def test_without_the_cache_of_a_run_base_images_would_be_embedded_again(counting: CountingEncoder) -> None:
    explainer = PaperFineXL(encoder=counting, vlm=WORLD.vlm)
    explain_blind(explainer, GROUP)
    assert counting.most_often == len(GROUP)


def test_costs_count_the_questions_of_one_explanation() -> None:
    def build(encoder: object) -> MeteredExplainer:
        meter = Meter()
        vlm = MeteredVLM(NamingVLM(WORDS), meter)
        return MeteredExplainer(explainer=PaperFineXL(encoder=encoder, vlm=vlm), meter=meter)

    cost = cost_of(build, WORLD.encoder, GROUP[0], name="it")
    assert cost.vlm_calls == len(WORLD.prompts)
    assert min(cost.cold_s, cost.cached_s, cost.again_s) > 0
    assert cost.peak_memory_mb > 50
    assert cost.said.startswith("(")


def test_the_cache_is_empty_then_knows_the_images_then_everything() -> None:
    seen: list[int] = []

    def build(encoder: CachedEncoder) -> MeteredExplainer:
        class Looks:
            name = "looks"

            def explain(self, pairs):
                seen.append(len(encoder))
                return PaperFineXL(encoder=encoder, vlm=NamingVLM(WORDS)).explain(pairs)

        return MeteredExplainer(explainer=Looks(), meter=Meter())

    cost_of(build, WORLD.encoder, GROUP[0], name="it")
    n, n_texts = len(WORLD.prompts), len(WORLD.prompts) * (1 + len(WORDS))
    assert seen[1:4] == [0, 2 * n + n_texts, 2 * n]


def test_an_explainer_that_embeds_nothing_is_not_charged_for_an_encoder() -> None:
    def load() -> object:
        raise AssertionError("no one needs it")

    def build(encoder: object) -> MeteredExplainer:
        return MeteredExplainer(explainer=ConstantScores(concepts=("a",)), meter=Meter())

    assert cost_of(build, LazyEncoder(load, id="it"), GROUP[0], name="it").said == "(a 1)"


def test_a_lazy_encoder_is_loaded_once() -> None:
    loaded = iter([WORLD.encoder])
    lazy = LazyEncoder(lambda: next(loaded), id="it")
    assert torch.equal(lazy.embed_texts(["vivid"]), WORLD.encoder.embed_texts(["vivid"]))
    assert torch.equal(lazy.embed_images(GROUP[0].base), WORLD.encoder.embed_images(GROUP[0].base))


def test_a_naming_vlm_names_its_words_to_every_question() -> None:
    vlm = NamingVLM(("a", "b"))
    question = Question(task=Task.DIFFERENCES, text="?")
    assert [reply.text for reply in vlm.ask([question, question])] == ["a, b", "a, b"]


def test_the_table_has_a_row_for_each_and_says_why_one_is_missing() -> None:
    cost = ExplainerCost(
        name="fast",
        cold_s=0.5,
        cached_s=0.25,
        again_s=0.125,
        vlm_calls=3,
        vlm_tokens=4,
        peak_memory_mb=99.6,
        said="x",
    )
    console = Console(width=140, file=StringIO())
    console.print(cost_table([cost, Uncosted(name="lost", reason="ended")], threads=2))
    shown = console.file.getvalue()
    assert "One model of 100 pairs, 2 threads" in shown
    assert ["fast", "0.500", "0.250", "0.125", "3", "4", "100", "x"] in [
        row.split() for row in shown.splitlines()
    ]
    assert ["lost", *"––––––", "ended"] in [row.split() for row in shown.splitlines()]


def test_every_explainer_of_the_suite_is_measured_unless_some_are_named() -> None:
    settings, _ = read_words(["threads=2"])
    assert {explainer.name for explainer in settings.explainers} == set(names_in("explainer"))


def test_finexl_has_a_second_row_in_the_plan_of_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answered(task, given, *, patience_s):
        asked.append((given["name"], given["n_concepts"], given["threads"]))
        yield asdict(ExplainerCost(
            name=given["name"], cold_s=1.0, cached_s=1.0, again_s=1.0, vlm_calls=0, vlm_tokens=0,
            peak_memory_mb=1.0, said="",
        ))  # fmt: skip

    monkeypatch.setattr("benchmark.speed.explainers.messages", answered)
    settings, threads = read_words(["explainer=finexl_paper,random", "threads=2"])
    assert len(list(explainer_costs(settings, threads=threads))) == 3
    assert asked == [("finexl_paper", 0, 2), ("finexl_paper, 40 concepts", 40, 2), ("random", 0, 2)]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["explainers", "threads=none"], "`threads` must be one number"),
        (["explainers", "scenario=subject"], "`bench explainers` takes"),
        (["explainer"], "`bench` takes nothing, or `explainers` or `outside`"),
    ],
)
def test_a_wrong_command_line_ends_with_code_2(
    words: list[str], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["bench", *words]) == 2
    assert fault in capsys.readouterr().err


@pytest.mark.slow
def test_a_control_row_is_measured_in_a_process_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "explainers", "explainer=constant"]) == 0
    printed = capsys.readouterr().out
    assert "constant: measured" in printed
    assert "(vivid 1, " in " ".join(printed.split())  # folded where it is narrow
