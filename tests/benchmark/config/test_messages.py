"""What is said of a value that does not fit: the whole key, what must hold, what was given, and a remedy that works."""

import re

import pytest

from benchmark.config.loading import load_settings
from finexl.errors import FinexlError, InvalidInputError

SMOKE = "preset=smoke"
WRONG = [
    (("seed=abc",), "`seed` must be a whole number. Got 'abc'."),
    (("seed=-1",), "`seed` must be at least 0. Got '-1'."),
    (("workers=0",), "`workers` must be at least 1. Got '0'."),
    (("explainer.seconds=1e-9",), "`explainer.seconds` must be at least 0.001. Got '1e-9'."),
    (("explainer.seconds=1e300",), "`explainer.seconds` must be at most 1e+07. Got '1e300'."),
    (
        ("explainer.seconds=1", "explainer_seconds=2"),
        "A key must be given once. Got `explainer.seconds` twice.",
    ),
    (("quiet=perhaps",), "`quiet` must be true or false. Got 'perhaps'."),
    (("wandb=of",), "`wandb` must be one of: auto, off, offline. Got 'of'."),
    (("preset.n_prompts=many",), "`preset.n_prompts` must be a whole number. Got 'many'."),
    (("generator.guidance=nan",), "`generator.guidance` must be a finite number. Got 'nan'."),
    (("generator.ema_decay=1",), "`generator.ema_decay` must be less than 1. Got '1'."),
    (("generator.learning_rate=0",), "`generator.learning_rate` must be greater than 0. Got '0'."),
    (("generator.method=lorra",), "`generator.method` must be one of: finestyle, full, lora. Got 'lorra'."),
    (("generator.family=gan",), "`generator.family` must be one of: "),
    (
        ("generator.method_rates.lora={rank: 3}",),
        "`generator.method_rates.lora.learning_rate` must be given.",
    ),
    (
        ("generator.versions.a.aspects.vivid=x",),
        "`generator.versions.a.aspects.vivid` must be a whole number.",
    ),
    (
        ("generator.versions={a: 3}",),
        "`generator.versions.a` must be a mapping, as in {key: value}. Got '3'.",
    ),
    (
        ("corpus=table", "corpus.folder=f", "corpus.columns=3"),
        "`corpus.columns` must be a mapping, as in {key: value}. Got '3'.",
    ),
    (("corpus=folder",), "`corpus.folder` must be given. Add corpus.folder=<path>, for example."),
    (("encoder.miniature=encoder_vitt",), "`encoder.miniature` must be one of: "),
    (("encoder.miniature=encoder_align",), "`encoder.miniature` must be an encoder of open_clip."),
    (("encoder.batch_size=x",), "`encoder.batch_size` must be a whole number. Got 'x'."),
    (("vlm.model=captioner_smal",), "`vlm.model` must be one of: "),
    (("vlm=openai", "vlm.temperature=3"), "`vlm.temperature` must be at most 2. Got '3'."),
    (("vlm=openai", "vlm.detail=hi"), "`vlm.detail` must be one of: auto, high, low. Got 'hi'."),
    (("vlm=openai", "vlm.base_url=ftp://x"), "`vlm.base_url` must be an http(s) address"),
    (("vlm=openai", "vlm.input_price=1"), "`vlm.input_price` and `vlm.output_price` must be given together."),
    (("reader=gpt_judge", "reader.vlm.n_attempts=0"), "`reader.vlm.n_attempts` must be at least 1. Got '0'."),
    (("reader=gpt_judge", "reader.vlm.base_url=x"), "`reader.vlm.base_url` must be an http(s) address"),
    (
        ("scenario_settings.multi_aspect.whole=0",),
        "`scenario_settings.multi_aspect.whole` must be at least 1.",
    ),
    (
        ("explainer_settings.finexl_paper.e_ortho=wide",),
        "`explainer_settings.finexl_paper.e_ortho` must be a number.",
    ),
    (
        ("explainer_settings.finexl_paper.mode=magic",),
        "`explainer_settings.finexl_paper.mode` must be one of: paper.",
    ),
    (("explainer_settings.finexl.template=3",), "`explainer_settings.finexl.template` must be a mapping"),
    (
        ("explainer_settings.gsclip.proposer.n_rounds=0",),
        "`explainer_settings.gsclip.proposer.n_rounds` must be at least 1.",
    ),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_the_whole_key_is_named_with_what_must_hold_and_what_was_given(
    words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_settings([SMOKE, *words])
    assert str(caught.value).startswith(said)
    assert not re.search(r"PosixPath|valid |Input |dataclass|tuple", str(caught.value))


@pytest.mark.parametrize(("words", "_"), WRONG)
def test_a_value_that_is_suggested_is_taken(words: tuple[str, ...], _: str) -> None:
    with pytest.raises(FinexlError) as caught:
        load_settings([SMOKE, *words])
    for word in re.findall(r"(?:Give|Add|mean|Choose) ([\w.]+=[\w./:-]+[\w])", str(caught.value)):
        key = word.partition("=")[0]
        load_settings([SMOKE, *(each for each in words if not each.startswith(f"{key}=")), word])


def test_a_part_of_a_scalar_is_refused_with_the_scalar() -> None:
    with pytest.raises(InvalidInputError, match=r"'seed' has no parts\. Got 'seed\.x'\. Give seed="):
        load_settings(["seed.x=1"])


def test_a_scenario_that_is_given_twice_can_be_joined_and_a_scalar_cannot() -> None:
    with pytest.raises(InvalidInputError, match="Join several names by commas"):
        load_settings(["scenario=single_aspect", "scenario=multi_aspect"])
    with pytest.raises(InvalidInputError, match="Leave one out"):
        load_settings(["seed=1", "seed=2"])
