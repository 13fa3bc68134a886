"""Every configured name becomes an object, and keys change with what an explanation depends on alone."""

import os
import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from ideal_bench import Flat
from pair_captioners import write_captioners
from PIL import Image

from benchmark.config.choices import names_in
from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings, public_settings
from benchmark.explain.explaining import Meter, explain_in_order
from benchmark.parts.encoders import ENCODERS, TransformersEncoderSettings, load_encoder
from benchmark.parts.explainers import (
    CONCEPTS,
    EXPLAINERS,
    PROBE,
    ExplainerConfig,
    Supplies,
    build_explainer,
    draws_of,
    explainer_key,
    track_of,
    uses_of,
)
from benchmark.parts.readers import READERS
from benchmark.parts.vlms import VLMS
from benchmark.record.recording import strict_json
from benchmark.run import jobs
from benchmark.run.executors import InlineExecutor, LocalExecutor
from benchmark.run.workbench import MeteredEncoder, MeteredVLM, SettingsOpener, SettingsWorkbench
from finetune.miniature.models import ENCODERS as MINIATURES
from finexl.errors import InvalidInputError, UnknownNameError
from finexl.interfaces import JointExplainer, Question, Task
from finexl.toy import ToyWorld
from finexl.values import NoExplanation

WORLD = ToyWorld()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders that stand for models; keys only hash what is in them."""
    root = tmp_path_factory.mktemp("models")
    for name in ("encoder", "vlm", "generator"):
        (root / name).mkdir()
        (root / name / "weights").write_text(name)
    return root


@pytest.fixture(scope="module")
def settings(folder: Path) -> Settings:
    words = [f"{role}.folder={folder / role}" for role in ("encoder", "vlm", "generator")]
    return load_settings(["scenario=multi_aspect", "preset=smoke", f"output={folder / 'out'}", *words])


CAPTIONERS: dict[str, Path] = {}
"""Captioners of image pairs for the rivals that have one, by kind."""


@pytest.fixture(scope="module", autouse=True)
def captioners(tmp_path_factory: pytest.TempPathFactory) -> None:
    CAPTIONERS.update(write_captioners(tmp_path_factory.mktemp("captioners")))


NAMES = names_in("explainer")


def config(name: str, **options: float | str) -> ExplainerConfig:
    """An explainer as it is configured, with a captioner of its own and other options."""
    if ":" in name:
        return ExplainerConfig(name=f"my_{name}", kind=name, options=options)
    (chosen,) = load_settings(["preset=smoke", f"explainer={name}"]).explainers
    captioner = CAPTIONERS.get(name.removesuffix("_pairs"))
    options = {"folder": captioner} | options if captioner else options
    return replace(chosen, name=f"my_{name}", options=replace(chosen.options, **options))


def parts(kind: str, meter: Meter | None = None, **options: float) -> Supplies:
    vlm = WORLD.vlm if meter is None else MeteredVLM(WORLD.vlm, meter)
    return Supplies(
        config=config(kind, **options),
        concepts=WORLD.aspects,
        seed=3,
        encoder=lambda: WORLD.encoder,
        vlm=lambda: vlm,
        probe=lambda: torch.eye(8, dtype=torch.float64)[:, 4:],
    )


def key(settings: Settings, kind: str = "finexl", **options: float | str) -> str:
    return explainer_key(config(kind, **options), settings, WORLD.aspects, probe=dict)


@pytest.mark.parametrize("kind", NAMES)
def test_every_kind_of_explainer_explains_under_its_configured_name(kind: str) -> None:
    explainer = build_explainer(parts(kind))
    assert explainer.name == f"my_{kind}"
    assert not isinstance(explainer.explain(WORLD.pairs(levels={"vivid": 3})), NoExplanation)


@pytest.mark.parametrize("kind", ["visdiff", "visdiff_auroc", "gsclip", "gsclip_score", "gsclip_negation"])
def test_models_of_a_group_share_the_captions_of_their_base_images(kind: str) -> None:
    meter, models = Meter(), [WORLD.pairs(levels={"vivid": level}) for level in (1, 2, 3)]
    explain_in_order(build_explainer(parts(kind, meter)), models)
    n_images, n_rounds = (1 + len(models)) * len(WORLD.prompts), len(models)
    assert meter.n_calls == n_images + n_rounds


@pytest.mark.parametrize("kind", NAMES)
def test_who_sees_all_models_of_a_group_is_joint_and_who_is_told_the_aspects_is_told(kind: str) -> None:
    (chosen,) = load_settings(["preset=smoke", f"explainer={kind}"]).explainers
    sees_all = isinstance(build_explainer(parts(kind)), JointExplainer)
    is_told = bool({CONCEPTS, PROBE} & set(uses_of(chosen)))
    assert track_of(chosen) == ("told" if is_told else "joint" if sees_all else "solo")


@pytest.mark.parametrize("kind", [name for name in NAMES if name != "random"])
def test_a_solo_answer_does_not_depend_on_the_other_models(kind: str) -> None:
    models = [WORLD.pairs(levels=levels) for levels in ({"vivid": 3}, {"dark": 1}, {"vivid": 1, "grainy": 2})]
    together = explain_in_order(build_explainer(parts(kind)), models)
    alone = [explain_in_order(build_explainer(parts(kind)), [one])[0] for one in models]
    (chosen,) = load_settings(["preset=smoke", f"explainer={kind}"]).explainers
    assert track_of(chosen) == "joint" or together == alone


def test_only_who_answers_by_chance_is_drawn_again() -> None:
    chosen = load_settings(["preset=smoke", f"explainer={','.join(NAMES)}"]).explainers
    assert {one.name: draws_of(one) for one in chosen if draws_of(one) > 1} == {"random": 100}


def test_every_kind_of_explainer_can_be_chosen() -> None:
    assert set(EXPLAINERS) <= set(NAMES)


def test_every_kind_of_reader_model_and_encoder_is_configured() -> None:
    assert set(names_in("reader")) == set(READERS)
    assert {load_settings([f"vlm={name}", "vlm.record=r"]).vlm.kind for name in names_in("vlm")} == set(VLMS)
    assert {load_settings([f"encoder={name}"]).encoder.kind for name in names_in("encoder")} == set(ENCODERS)


def test_options_reach_the_settings_of_the_explainer() -> None:
    assert build_explainer(parts("finexl_paper", e_ortho=0.25)).settings.e_ortho == 0.25


def test_a_name_that_is_not_wired_says_what_is() -> None:
    with pytest.raises(UnknownNameError, match=r"finexl.*Did you mean explainer=random"):
        parts("randm")


def test_a_class_of_ones_own_is_found_by_its_path() -> None:
    assert build_explainer(parts("ideal_bench:Flat")) == Flat()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("no_such_module:Flat", r"package\.module:Class"),
        ("ideal_bench:NoSuchClass", r"in ideal_bench there is .*Flat"),
    ],
)
def test_a_path_that_leads_nowhere_is_an_error_for_people(kind: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        build_explainer(parts(kind))


def test_a_class_of_ones_own_has_a_key_of_its_own(settings: Settings) -> None:
    assert key(settings, "ideal_bench:Flat") != key(settings, "cheaters:Honest")


@pytest.mark.parametrize("kind", NAMES)
def test_keys_repeat(settings: Settings, kind: str) -> None:
    assert key(settings, kind) == key(settings, kind)


def test_keys_differ_by_kind_and_options(settings: Settings) -> None:
    keys = {key(settings, kind) for kind in NAMES}
    keys |= {key(settings, "finexl_paper", e_ortho=share) for share in (0.1, 0.2)}
    assert len(keys) == len(NAMES) + 2


def test_keys_change_with_the_weights_of_what_is_used_and_with_nothing_else(
    settings: Settings, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "weights").write_text("other weights")
    encoder = replace(settings, encoder=replace(settings.encoder, folder=str(tmp_path)))
    vlm = replace(settings, vlm=replace(settings.vlm, folder=tmp_path))
    seed = replace(settings, seed=settings.seed + 1)
    changed = {
        kind: tuple(key(other, kind) != key(settings, kind) for other in (encoder, vlm, seed))
        for kind in NAMES
    }
    assert changed == {
        "chg2cap": (False, False, False),
        "chg2cap_pairs": (False, False, False),
        "constant": (False, False, False),
        "diff_caption": (False, False, False),
        "diff_caption_pairs": (False, False, False),
        "divergence_norm": (True, False, False),
        "every_word": (True, False, False),
        "finexl": (True, True, False),
        "finexl_grounded": (True, True, False),
        "finexl_paper": (True, True, False),
        "naive_vlm": (False, True, False),
        "oracle_concepts": (True, False, False),
        "oracle_probe": (True, False, False),
        "random": (False, False, True),
        "compcon": (True, False, False),
        "finexl_released": (True, True, False),
        "gsclip": (True, True, False),
        "gsclip_negation": (True, True, False),
        "gsclip_score": (True, True, False),
        "gsclip_score_solo": (True, False, False),
        "naive_text": (False, True, False),
        "splice": (True, False, False),
        "textspan": (True, False, False),
        "visdiff": (True, True, False),
        "visdiff_auroc": (True, True, False),
        "visdiff_auroc_solo": (True, False, False),
    }


def test_the_key_of_a_pair_captioner_changes_with_its_weights_and_not_with_its_place(
    settings: Settings, tmp_path: Path
) -> None:
    for name, weights in (("here", "one"), ("there", "one"), ("elsewhere", "another")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights").write_text(weights)
    here, there, elsewhere = (
        key(settings, "chg2cap", folder=tmp_path / name) for name in ("here", "there", "elsewhere")
    )
    assert here == there != elsewhere


def test_keys_do_not_depend_on_where_a_model_lies(settings: Settings, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("encoder")
    moved = replace(settings, encoder=replace(settings.encoder, folder=str(tmp_path)))
    assert key(moved) == key(settings)


def test_a_model_folder_that_is_not_there_is_an_error_that_names_it(settings: Settings) -> None:
    lost = replace(settings, encoder=replace(settings.encoder, folder="/no/such/folder"))
    with pytest.raises(InvalidInputError, match="/no/such/folder"):
        key(lost)


def test_the_lexicon_knows_every_aspect_of_the_corpus_by_its_synonyms(settings: Settings) -> None:
    reader = SettingsWorkbench(settings).reader()
    aspects = SettingsWorkbench(settings).corpus_aspects
    explanation = build_explainer(replace(parts("constant"), concepts=("vibrant",))).explain(
        WORLD.pairs(levels={"vivid": 1})
    )
    assert reader.read_levels(explanation, ("vivid",), corpus_aspects=aspects).values == (1.0,)


def test_the_executor_is_the_configured_one(settings: Settings) -> None:
    assert isinstance(jobs.build_executor(settings.executor, workers=2, folder=Path()), LocalExecutor)
    inline = load_settings(["executor=inline"]).executor
    assert isinstance(jobs.build_executor(inline, workers=2, folder=Path()), InlineExecutor)


def test_published_settings_say_nothing_of_places_and_speed(settings: Settings) -> None:
    shown = public_settings(settings)
    assert not {"output", "store", "workers", "executor", "wandb", "quiet"} & set(shown)
    strict_json(shown)


def test_an_opener_travels_to_other_processes(settings: Settings) -> None:
    opener = pickle.loads(pickle.dumps(SettingsOpener(settings=settings)))
    assert opener().corpus_aspects == SettingsWorkbench(settings).corpus_aspects


def test_questions_and_tokens_are_counted() -> None:
    meter = Meter()
    build_explainer(parts("finexl", meter)).explain(WORLD.pairs(levels={"vivid": 3}))
    assert meter.n_calls == len(WORLD.prompts)


def test_a_question_without_an_answer_counts_too() -> None:
    meter = Meter()
    MeteredVLM(WORLD.vlm, meter).ask([Question(task=Task.DESCRIBE, text="?")])
    assert (meter.n_calls, meter.n_tokens) == (1, 0)


class Cutting:
    """An encoder with room for three letters."""

    id = "cutting"

    def __init__(self) -> None:
        self.n_truncated = 0

    def embed_texts(self, texts: Sequence[str]) -> torch.Tensor:
        self.n_truncated += sum(len(text) > 3 for text in texts)
        return WORLD.encoder.embed_texts(texts)

    def embed_images(self, images: Sequence[Image.Image]) -> torch.Tensor:
        return WORLD.encoder.embed_images(images)


def test_texts_that_an_encoder_cuts_are_counted_for_each_explainer_apart() -> None:
    encoder, one, other = Cutting(), Meter(), Meter()
    MeteredEncoder(encoder, one).embed_texts(["abc", "abcd", "abcde"])
    metered = MeteredEncoder(encoder, other)
    metered.embed_texts(["abcd"])
    metered.embed_images(WORLD.pairs(levels={"vivid": 3}).base[:1])
    assert (one.n_cut_texts, other.n_cut_texts, metered.id) == (2, 1, "cutting")


def test_an_encoder_that_does_not_say_what_it_cuts_counts_as_cutting_nothing() -> None:
    meter = Meter()
    MeteredEncoder(WORLD.encoder, meter).embed_texts(["a photo of vivid colours"])
    assert meter.n_cut_texts == 0


def test_every_configured_encoder_is_one_that_exists() -> None:
    from finexl.encoders.open_clip import check_quick_gelu

    configured = {name: load_settings([f"encoder={name}"]).encoder for name in names_in("encoder")}
    shipped = {one.miniature: one.kind for one in configured.values() if one.architecture is None}
    assert shipped == {name: library for name, (library, _) in MINIATURES.items()}
    for one in configured.values():
        if one.architecture is not None and one.kind == "open_clip":
            check_quick_gelu(one.architecture, one.weights or "")


@pytest.mark.parametrize("name", ["miniature_clip", "miniature_vit", "miniature_align"])
def test_a_configured_miniature_encoder_loads_as_its_library_says(name: str) -> None:
    config = load_settings([f"encoder={name}"]).encoder
    assert load_encoder(config).id.startswith(f"{config.kind}:")


def test_identities_of_encoders_differ_and_hold_no_place(settings: Settings) -> None:
    configured = [load_settings([f"encoder={name}"]).encoder for name in names_in("encoder")]
    identities = {strict_json(one.identity) for one in configured}
    assert len(identities) == len(configured)
    assert not any(str(Path.cwd()) in one or "weights/" in one for one in identities)


def test_the_identity_of_an_encoder_in_a_folder_is_its_content_and_its_library(
    settings: Settings, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "moved").mkdir()
    (tmp_path / "moved" / "weights").write_text("encoder")
    moved = replace(settings.encoder, folder=str(tmp_path / "moved"))
    assert moved.identity == settings.encoder.identity
    other = TransformersEncoderSettings(name="other", folder=tmp_path / "moved")
    assert other.identity != moved.identity


def test_an_unknown_miniature_encoder_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Did you mean encoder\.miniature=encoder_vit"):
        load_settings(["preset=smoke", "encoder.miniature=encoder_vitt"])


def test_a_run_is_named_by_what_it_asks(settings: Settings) -> None:
    assert jobs.run_name(settings) == "multi_aspect-smoke-seed0"


@pytest.mark.parametrize(
    ("quiet", "wandb", "names"),
    [
        (False, "auto", ["events", "console", "wandb"]),
        (True, "auto", ["events", "wandb"]),
        (True, "off", ["events"]),
    ],
)
def test_sinks_are_those_that_were_asked_for(
    settings: Settings, quiet: bool, wandb: str, names: list[str]
) -> None:
    chosen = replace(settings, quiet=quiet, wandb=wandb)
    assert [sink.name for sink in jobs.build_sinks(chosen, {})] == names


def test_building_a_job_imports_no_torch(settings: Settings) -> None:
    import subprocess
    import sys

    script = (
        "import pickle, sys; from benchmark.run import jobs; from finetune.workshop import Workshop\n"
        "Workshop.generator_id = 'g'\n"
        "job = jobs.build_job(pickle.loads(bytes.fromhex(sys.argv[1])))\n"
        "[job.pairs_key(trial, group.probe) for group in job.groups for trial in group.trials]\n"
        "print(sorted({'torch', 'wandb', 'diffusers', 'transformers', 'open_clip'} & set(sys.modules)))"
    )
    root = str(Path(jobs.__file__).parents[2])
    shipped = replace(settings, generator=replace(settings.generator, folder=None))
    told = subprocess.run(
        [sys.executable, "-c", script, pickle.dumps(shipped).hex()],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert told.stdout.strip() == "[]"
