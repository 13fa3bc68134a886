"""Generators and corpora by configuration: every setting arrives, every file opens, and what is missing is said."""

import dataclasses
import json
import re
import shutil
from pathlib import Path

import pytest

from benchmark.config.choices import names_in
from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings
from benchmark.parts.corpora import CORPORA, open_corpus, with_folder, without_folder
from benchmark.parts.generator_settings import GeneratorConfig
from benchmark.parts.models import (
    check_adapter_files,
    check_base_files,
    check_sizes,
    generator_settings,
    neighbours,
    sized,
    weights_folder,
)
from benchmark.run.workbench import SettingsWorkbench
from finetune.corpora.kinds import CORPORA as OPENED
from finetune.corpora.kinds import FolderSettings
from finetune.families.hub import SOURCES
from finetune.family_facts import FAMILIES
from finetune.generator import GeneratorError, GeneratorSettings
from finetune.miniature.models import WEIGHTS
from finetune.miniature.versions import VERSIONS
from finetune.store.tensor_headers import TensorFileError, read_header
from finexl.errors import InvalidInputError

MINIATURE = [name for name in names_in("generator") if name.startswith("miniature")]
RENAMED = {"batch_size": "sampling_batch_size"}
"""Settings of a generator that have another name in a configuration."""


USELESS = [
    *[("miniature_controlgan", name) for name in ("guidance=2", "n_sampling_steps=3", "caption_dropout=0.2")],
    *[("miniature_anole", name) for name in ("n_sampling_steps=3", "caption_dropout=0.2")],
    *[(name, "adapter=/a.safetensors") for name in ("miniature_controlgan", "miniature_anole")],
    *[(name, "rank=8") for name in ("miniature_sd", "miniature_controlgan", "miniature_anole")],
]
"""Generators, and settings that they have no use for."""


def generator(*words: str) -> GeneratorConfig:
    return load_settings(["scenario=single_aspect", *words]).generator


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(GeneratorSettings)])
def test_every_setting_of_a_generator_can_be_configured(field: str) -> None:
    assert RENAMED.get(field, field) in {each.name for each in dataclasses.fields(GeneratorConfig)}


def test_what_is_configured_arrives() -> None:
    given = GeneratorConfig(
        name="x", folder="/f", method="lora", rank=7, adapter="/a.safetensors", n_sampling_steps=3, guidance=2.0,
        device="cuda", devices=2, strategy="ddp_fork", precision="bf16", training_precision="bf16", batch_size=5,
        sampling_batch_size=6, caption_dropout=0.2, accumulate=4, gradient_checkpointing=True, ema_decay=0.9,
    )  # fmt: skip
    assert generator_settings(given) == GeneratorSettings(
        folder=Path("/f"), method="lora", rank=7, adapter=Path("/a.safetensors"), n_sampling_steps=3, guidance=2.0,
        device="cuda", devices=2, strategy="ddp_fork", precision="bf16", training_precision="bf16", batch_size=6,
        caption_dropout=0.2, accumulate=4, gradient_checkpointing=True, ema_decay=0.9,
    )  # fmt: skip


def test_adapters_are_as_large_as_their_method_calls_for_unless_it_is_said() -> None:
    words = ["generator.method=finestyle", "generator.method_rates.finestyle={learning_rate: 1e-3, rank: 9}"]
    assert generator_settings(generator(*words)).rank == 9
    assert generator_settings(generator(*words, "generator.rank=2")).rank == 2
    assert generator_settings(generator("generator.method=lora")).rank == 4


@pytest.mark.parametrize(("name", "word"), USELESS)
def test_a_setting_that_would_change_nothing_is_refused(name: str, word: str) -> None:
    config = generator(f"generator={name}", f"generator.{word}")
    with pytest.raises(InvalidInputError, match=rf"`generator\.{word.partition('=')[0]}`"):
        generator_settings(config)


def test_only_strategies_that_train_are_settings() -> None:
    assert generator("generator.strategy=ddp_spawn").strategy == "ddp_spawn"
    with pytest.raises(InvalidInputError, match=r"generator\.strategy.*ddp_fork.*Got 'fsdp'"):
        generator("generator.strategy=fsdp")


@pytest.mark.parametrize(
    "word", ["learning_rate=1e-3", "pair_learning_rate=1e-3", "learning_rates.warm=1e-3"]
)
@pytest.mark.parametrize("method", ["lora", "finestyle"])
def test_a_rate_that_the_methods_own_would_replace_is_refused(method: str, word: str) -> None:
    with pytest.raises(
        InvalidInputError, match=rf"Give generator\.method_rates\.{method}\.{word.split('=')[0]}="
    ):
        generator(f"generator.method={method}", f"generator.{word}")
    own = generator(f"generator.method={method}", f"generator.method_rates.{method}.{word}")
    assert 1e-3 in (
        own.rates.learning_rate,
        own.rates.pair_learning_rate,
        own.rates.learning_rates.get("warm"),
    )
    assert generator(f"generator.{word}").rates.rank == 4


def test_a_rate_counts_for_a_method_without_its_own() -> None:
    config = generator("generator=sd11", "generator.method=lora", "generator.learning_rate=3e-3")
    assert config.rates.learning_rate == 3e-3


def sizes_fit(settings: Settings) -> None:
    check_sizes(settings.corpus, settings.generator)


def sized_by_preset(settings: Settings) -> GeneratorConfig:
    preset = settings.preset
    return sized(settings.generator, n_prompts=preset.n_prompts, averages=preset.averages)


def published(folder: Path, *, sample_size: int) -> Path:
    """The configuration files that say how large the images of a Stable Diffusion are."""
    for part, config in {
        "unet": {"sample_size": sample_size},
        "vae": {"block_out_channels": [128, 256, 512, 512]},
    }.items():
        (folder / part).mkdir(parents=True)
        (folder / part / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(("sample_size", "side"), [(96, 768), (64, 512)])
def test_the_corpus_must_have_images_of_the_generators_size(
    sample_size: int, side: int, tmp_path: Path
) -> None:
    folder = published(tmp_path / "sd", sample_size=sample_size)
    words = ["scenario=single_aspect", "generator=sd21", f"generator.folder={folder}"]
    with pytest.raises(InvalidInputError, match=rf"{side}×{side} pixels. Got 64×64. Give corpus.size={side}"):
        sizes_fit(load_settings(words))
    own = [*words, "corpus=folder", f"corpus.folder={tmp_path}"]
    with pytest.raises(InvalidInputError, match=r"Got 256×256"):
        sizes_fit(load_settings([*own, "corpus.size=256"]))
    sizes_fit(load_settings([*own, f"corpus.size={side}"]))


def test_a_dry_run_says_that_the_corpus_has_another_size(tmp_path: Path) -> None:
    folder = published(tmp_path / "sd", sample_size=96)
    (folder / "model_index.json").write_text("{}")
    words = ["generator=sd21", f"generator.folder={folder}", f"store={tmp_path / 'store'}"]
    with pytest.raises(InvalidInputError, match=r"corpus\.size=768"):
        SettingsWorkbench(load_settings(["scenario=single_aspect", *words])).groups()


@pytest.mark.parametrize("name", MINIATURE)
def test_the_miniatures_generators_and_corpora_have_one_size(name: str) -> None:
    sizes_fit(load_settings(["scenario=single_aspect", f"generator={name}"]))


@pytest.mark.parametrize("name", MINIATURE)
def test_miniature_generators_lie_among_the_weights_that_ship(name: str) -> None:
    config = generator(f"generator={name}")
    assert weights_folder(config).is_relative_to(WEIGHTS)
    assert generator_settings(config).family == config.family


@pytest.mark.parametrize("name", names_in("generator"))
def test_published_generators_are_known_to_the_hub_or_ask_for_a_folder(name: str) -> None:
    config = generator(f"generator={name}")
    assert config.hub is None or config.hub in SOURCES
    assert {version.hub for version in config.versions.values()} - {None} <= set(SOURCES)
    if config.hub is None and name not in MINIATURE:
        with pytest.raises(InvalidInputError, match=r"generator\.folder=<path>"):
            generator_settings(config)


@pytest.mark.parametrize("name", names_in("generator"))
def test_every_generator_can_be_personalized_in_every_way_of_its_family(name: str) -> None:
    for method in FAMILIES[generator(f"generator={name}").family].methods:
        config = generator(f"generator={name}", f"generator.method={method}", "generator.folder=/f")
        assert generator_settings(config).method == method


def test_a_folder_takes_the_place_of_what_is_published_or_ships() -> None:
    for name in ("sd21", "miniature_sd", "anole"):
        config = generator(f"generator={name}", "generator.folder=/my/copy")
        assert generator_settings(config).folder == Path("/my/copy")


def test_versions_sample_as_their_base_does_and_leave_its_adapter() -> None:
    words = ["generator=sd11", "generator.folder=/v11", "generator.adapter=/a.safetensors"]
    config = generator(*words, "generator.versions.v14.folder=/v14", "generator.versions.v21.folder=/v21")
    found = neighbours(config).versions
    assert {name: each.folder for name, each in found.items()} == {"v14": Path("/v14"), "v21": Path("/v21")}
    assert {(each.n_sampling_steps, each.guidance, each.adapter) for each in found.values()} == {
        (50, 7.5, None)
    }


def test_a_version_may_be_an_adapter_of_its_base() -> None:
    words = ["generator.folder=/g", "generator.versions={a: {adapter: /a.safetensors}, b: {folder: /b}}"]
    found = neighbours(generator(*words)).versions
    assert (found["a"].folder, found["a"].adapter) == (Path("/g"), Path("/a.safetensors"))
    assert (found["b"].folder, found["b"].adapter) == (Path("/b"), None)


def test_the_order_of_the_miniatures_versions_is_that_of_their_training_data() -> None:
    stated = generator("generator=miniature_sd_v11").versions
    assert set(stated) == set(VERSIONS)
    for aspect in ("vivid", "contrasty"):
        by_statement = sorted(stated, key=lambda name, aspect=aspect: stated[name].aspects[aspect])
        strengths = [VERSIONS[name].mean_strength(aspect) for name in by_statement]
        assert strengths == sorted(strengths) and len(set(strengths)) == len(strengths)


def test_directions_are_files_that_are_given() -> None:
    found = neighbours(generator("generator.directions.hat.file=/d.safetensors")).directions
    assert found == {"hat": Path("/d.safetensors")}


@pytest.mark.parametrize("words", [["generator.directions.beard={}"], ["generator.versions.v99={}"]])
def test_what_does_not_ship_with_the_miniature_is_an_error_that_names_it(words: list[str]) -> None:
    with pytest.raises(
        InvalidInputError, match=r"glasses, hat, .*'beard'.*beard\.file=|v14, v21.*'v99'.*v99\.adapter="
    ):
        neighbours(generator(*words))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["generator.miniature=portrait"],
            r"`generator\.miniature` .* Did you mean generator\.miniature=portraits",
        ),
        (["generator.family=anole"], r"`generator\.family` must .* Give generator\.miniature=anole"),
        (["generator=miniature_anole", "generator.family=diffusion"], r"Give generator\.miniature=diffusion"),
    ],
)
def test_weights_that_cannot_ship_are_no_advice_to_make_them(words: list[str], told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        generator_settings(generator(*words))


@pytest.mark.parametrize(("n_prompts", "size"), [(5, 5), (16, 16), (64, 16)])
def test_a_batch_is_not_filled_up_beyond_the_prompts(n_prompts: int, size: int) -> None:
    settings = load_settings(["generator=miniature_sd", f"preset.n_prompts={n_prompts}"])
    assert sized_by_preset(settings).sampling_batch_size == size


def test_adapters_keep_the_average_that_their_method_asks_for() -> None:
    words = ["generator=miniature_sd", "generator.method=lora"]
    assert generator_settings(load_settings(words).generator).ema_decay == 0
    own = load_settings([*words, "generator.method_rates.lora.ema_decay=0.5"])
    assert generator_settings(own.generator).ema_decay == 0.5
    assert generator_settings(sized(own.generator, n_prompts=8, averages=False)).ema_decay == 0
    with pytest.raises(InvalidInputError, match=r"method_rates\.lora\.ema_decay"):
        load_settings([*words, "generator.ema_decay=0.5"])


@pytest.mark.parametrize(
    ("preset", "decay"), [("lite", FAMILIES["diffusion"].miniature_ema_decay), ("smoke", 0.0)]
)
def test_levels_keep_an_average_where_there_are_steps_enough(preset: str, decay: float) -> None:
    settings = load_settings(["generator=miniature_sd", f"preset={preset}"])
    assert sized_by_preset(settings).ema_decay == decay


def test_a_generator_alone_has_no_neighbours() -> None:
    assert not neighbours(generator("generator=sd21")).versions


def test_every_kind_of_corpus_can_be_chosen_with_all_its_settings() -> None:
    assert set(names_in("corpus")) == set(CORPORA)
    assert {kind: part.settings for kind, part in CORPORA.items()} == {
        kind: row.settings for kind, row in OPENED.items()
    }


def test_a_folder_means_the_real_data_wherever_it_is_said(tmp_path: Path) -> None:
    words = ["corpus.size=256", f"corpus.folder={tmp_path}"]
    for given in (words, words[::-1]):
        corpus = load_settings(["preset=smoke", "corpus=wikiart", *given]).corpus
        assert (corpus.name, corpus.kind, corpus.side) == ("wikiart", "wikiart_table", 256)


@pytest.mark.parametrize("kind", [kind for kind, row in OPENED.items() if row.with_folder])
def test_what_stands_in_for_real_data_is_found_from_them(kind: str) -> None:
    assert without_folder(with_folder(kind)) == without_folder(kind) == kind


def test_the_home_folder_of_a_corpus_can_be_written_short() -> None:
    corpus = load_settings(["preset=smoke", "corpus=folder", "corpus.folder=~/mine"]).corpus
    assert isinstance(corpus, FolderSettings) and corpus.folder == Path.home() / "mine"


@pytest.mark.parametrize("name", ["synthetic", "style_transfer", "wikiart", "portraits"])
def test_a_corpus_without_a_folder_is_the_miniatures(name: str, tmp_path: Path) -> None:
    corpus = load_settings(["preset=smoke", f"corpus={name}"]).corpus
    assert open_corpus(corpus, store=tmp_path).id.startswith("miniature-")


def test_a_fault_of_a_corpus_names_the_whole_key(tmp_path: Path) -> None:
    words = ["preset=smoke", "corpus=folder", f"corpus.folder={tmp_path / 'none'}"]
    with pytest.raises(InvalidInputError, match=r"`corpus\.folder` of a corpus must exist"):
        open_corpus(load_settings(words).corpus, store=tmp_path)
    with pytest.raises(InvalidInputError, match=r"`corpus\.names\.Aldova`.*read for: .*wikiart_table"):
        load_settings(["preset=smoke", "corpus=wikiart", "corpus.names.Aldova=a"])


@pytest.mark.parametrize("name", ["folder", "table"])
def test_a_corpus_of_ones_own_must_say_where_it_lies(name: str) -> None:
    with pytest.raises(InvalidInputError, match=r"`corpus\.folder` must be given"):
        load_settings(["preset=smoke", f"corpus={name}"])
    load_settings(["preset=smoke", f"corpus={name}", "corpus.folder=/mine"])


def test_a_pipeline_that_draws_a_corpus_needs_captions() -> None:
    with pytest.raises(InvalidInputError, match=r"`corpus\.prompts_from` must be given"):
        load_settings(["preset=smoke", "corpus.folder=/sd3"])


@pytest.mark.parametrize("key", ["generator.adapter", "generator.versions.v21.adapter"])
def test_an_adapter_that_is_none_is_known_before_a_generator_is_loaded(tmp_path: Path, key: str) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"<html>please log in</html>")
    config = load_settings([f"{key}={tmp_path / 'a.safetensors'}"]).generator
    with pytest.raises(TensorFileError, match="HTML page"):
        check_adapter_files(config)


def test_the_shipped_versions_fit_the_base_that_they_are_of() -> None:
    check_adapter_files(load_settings(["scenario=versions"]).generator)


def test_weights_that_are_not_finite_are_refused_by_file_and_tensor_before_anything_is_made(
    tmp_path: Path,
) -> None:
    shutil.copytree(WEIGHTS / "diffusion", tmp_path / "sd")
    file = next((tmp_path / "sd" / "unet").glob("*.safetensors"))
    name, stored = next(iter(read_header(file).tensors.items()))
    held = bytearray(file.read_bytes())
    held[stored.end - 2 : stored.end] = b"\xff\x7f"  # NaN, in 16 bits as in 32
    file.write_bytes(held)
    settings = load_settings(["preset=smoke", f"generator.folder={tmp_path / 'sd'}", f"store={tmp_path}"])
    with pytest.raises(GeneratorError, match=re.escape(f"{file} has NaN or infinity in {name!r}")):
        SettingsWorkbench(settings).groups()


@pytest.mark.parametrize("content", [None, b"", b"<html>log in</html>"])
def test_an_edit_direction_that_is_none_is_refused_by_its_key(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "mustache.safetensors"
    if content is not None:
        file.write_bytes(content)
    config = load_settings(["scenario=subject", f"generator.directions.mustache.file={file}"]).generator
    with pytest.raises(
        InvalidInputError, match=r"`generator\.directions\.mustache\.file` must be the file of"
    ):
        check_base_files(config)


def test_another_tensor_file_is_no_edit_direction_and_the_shipped_ones_are() -> None:
    other = next((WEIGHTS / "diffusion" / "unet").glob("*.safetensors"))
    check_base_files(load_settings(["scenario=subject"]).generator)
    config = load_settings(["scenario=subject", f"generator.directions.mustache.file={other}"]).generator
    with pytest.raises(InvalidInputError, match="is another safetensors file"):
        check_base_files(config)


@pytest.mark.parametrize(
    "words",
    [
        ("encoder.folder={}", "explainer=finexl_paper"),
        ("explainer_settings.chg2cap.folder={}", "explainer=chg2cap"),
        ("vlm.folder={}", "vlm=qwen2_vl", "vlm.device=cpu", "explainer=naive_vlm"),
    ],
)
def test_a_folder_that_is_not_there_is_told_by_its_key(tmp_path: Path, words: tuple[str, ...]) -> None:
    given = [word.format(tmp_path / "nowhere") for word in words]
    key = words[0].partition("=")[0]
    bench = SettingsWorkbench(load_settings(["preset=smoke", f"store={tmp_path}", *given]))
    with pytest.raises(InvalidInputError, match=rf"`{re.escape(key)}` must be a folder on this machine"):
        bench.rehearse_dry()
