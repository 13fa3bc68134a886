"""Keys follow the code: an edited constant changes the key of exactly what it can change, and of nothing else."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import jaxtyping
import pytest

import finexl.code_version
from benchmark.config.choices import names_in
from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings
from benchmark.parts.code import (
    ACTS,
    act_code,
    bundle_code,
    certifier_code,
    probe_code,
    score_code,
    stranger_code,
)
from benchmark.parts.explainers import explainer_key
from benchmark.parts.vlms import VLMS
from benchmark.read.judges import VLMJudge
from benchmark.read.readers import LexiconReader
from benchmark.run.workbench import SettingsWorkbench
from finetune import family_facts, identity
from finetune.corpora import labelled
from finetune.corpora.portraits import PortraitCorpus
from finetune.corpora.style_transfer import StyleTransferCorpus
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.corpora.wikiart import WikiArtCorpus
from finetune.generator import GeneratorSettings
from finetune.recipe import Mixture, Recipe
from finexl.code_version import code_version, project
from finexl.errors import InvalidInputError

ROOT = Path(finexl.code_version.__file__).parents[1]
EXPLAINERS = set(names_in("explainer"))
TOLD = {"constant", "random"}
ONE_PAIR, MANY_PAIRS = {"chg2cap", "diff_caption"}, {"chg2cap_pairs", "diff_caption_pairs"}
CAPTIONERS = ONE_PAIR | MANY_PAIRS
NAIVE = {"naive_text", "naive_vlm"}
ENCODING = EXPLAINERS - TOLD - CAPTIONERS - NAIVE
PROPOSING = {"gsclip", "gsclip_negation", "gsclip_score", "visdiff", "visdiff_auroc"}
SELECTING = {"gsclip", "gsclip_negation", "gsclip_score", "gsclip_score_solo"}
ROBUST = {"finexl", "finexl_grounded"}
PROJECTING = ROBUST | {"every_word", "finexl_paper", "finexl_released", "oracle_concepts"}
PAPER = {"finexl_paper", "oracle_concepts"}
ASKING = PROPOSING | NAIVE | ROBUST | {"finexl_paper", "finexl_released"}
FAMILIES = set(family_facts.FAMILIES)
RENDERED = {"corpus synthetic", "corpus style_transfer", "corpus wikiart"}
JUDGES = {"read lexicon", "read gpt_judge"}
SAMPLED = {"sample diffusion", "edit", "explain oracle_probe"}
REFUSING = {"read gpt_judge", "read lexicon", "ask replay"}
PROBED = {"probe", "explain oracle_probe"}
PAINTED = RENDERED | PROBED | {"certifier"}


class Edit(NamedTuple):
    """A constant in a file, and what it can change."""

    file: str
    old: str
    new: str
    changes: set[str]


def explain(names: set[str]) -> set[str]:
    return {f"explain {name}" for name in names}


def train(names: set[str]) -> set[str]:
    return {f"train {name}" for name in names}


def sample(names: set[str]) -> set[str]:
    return {f"sample {name}" for name in names}


def prompt(name: str, changes: set[str]) -> Edit:
    return Edit(f"finexl/prompts/{name}.txt", "e", "E", changes)


EDITS = [
    # explainers and their settings
    Edit("finexl/settings.py", "e_ortho: float = 0.5", "e_ortho: float = 0.4", explain(PAPER)),
    Edit("finexl/robust/settings.py", "synonyms: float = 0.94", "synonyms: float = 0.9", explain(ROBUST)),
    Edit("finexl/robust/decomposition.py", "_MAX_ROUNDS = 2_000", "_MAX_ROUNDS = 99", explain(ROBUST)),
    Edit("finexl/robust/grounding.py", "_AT_ONCE = 16", "_AT_ONCE = 17", set()),
    Edit("finexl/robust/grounding.py", "1 - share", "2 - share", explain(ROBUST)),
    Edit("finexl/robust/grounding.py", '"*.safetensors"', '"*.tensors"', explain({"finexl_grounded"})),
    Edit("finexl/template.py", "a {concept} ph", "one {concept} ph", explain(PROJECTING)),
    Edit("finexl/settings.py", '= "projection"\n', '= "alphabetical"\n', explain(PAPER)),
    Edit("finexl/orthogonality.py", "BLIND_NORM = 1e-6", "BLIND_NORM = 1e-5", explain(PROJECTING)),
    Edit("baselines/settings.py", "n_top: int = 15", "n_top: int = 9", explain(SELECTING)),
    Edit("baselines/settings.py", "rank: int = 80", "rank: int = 70", explain({"textspan"})),
    Edit("baselines/textspan.py", "_ZERO = 1e-9", "_ZERO = 1e-8", explain({"textspan"})),
    Edit("baselines/settings.py", "penalty: float = 0.25", "penalty: float = 0.5", explain({"splice"})),
    Edit("baselines/naive.py", "MAX_SCORE = 10", "MAX_SCORE = 9", explain({"naive_vlm"})),
    Edit("baselines/settings.py", "minimum_share: float = 0.25", "minimum_share: float = 0.2", explain(MANY_PAIRS)),
    Edit("baselines/captioners.py", "load_captioner(captioner_folder(settings)), ", "None, ", explain(ONE_PAIR)),
    Edit("baselines/remembered_captions.py", " and not isinstance(key, int)", "", explain(PROPOSING)),
    # how they are built and shown images
    Edit("benchmark/parts/table.py", "if name in supplies}", "if name not in supplies}", explain(EXPLAINERS)),
    Edit("benchmark/parts/explainers.py", "SEED: lambda: supplies.seed", "SEED: lambda: 0", explain(EXPLAINERS)),
    Edit("benchmark/run/workbench.py", "_calls += len(questions)", "_calls += 1", explain(ASKING)),
    Edit("benchmark/run/workbench.py", ".n_truncated - before", ".n_truncated", explain(ENCODING)),
    Edit("benchmark/run/stages.py", "slice(first, first + n)", "slice(first, n)", {"explain"}),
    Edit("benchmark/explain/explaining.py", "_DETAIL_LENGTH = 500", "_DETAIL_LENGTH = 400", {"explain", "bundle"}),
    Edit("benchmark/bundle/answers.py", "= 200, 8_000, 200", "= 200, 9_000, 200", {"bundle"}),
    Edit("benchmark/bundle/manifest.py", "LARGEST_SIDE = 4096", "LARGEST_SIDE = 4095", {"bundle"}),
    # prompts
    prompt("differences", explain({"finexl", "finexl_grounded", "finexl_paper", "finexl_released"})),
    prompt("differences_condensed", explain({"finexl_paper"})),
    prompt("propose", explain(PROPOSING)),
    prompt("judge", {"read gpt_judge"}),
    # encoders and models that are asked
    Edit("finexl/encoders/preprocess.py", "float() / 255", "float() / 256", explain(ENCODING)),
    Edit("finexl/vlms/miniature.py", "float = 0.7", "float = 0.8", explain(ASKING) | {"ask miniature"}),
    Edit("finexl/vlms/prices.py", "_TILE, _PATCH = 2048", "_TILE, _PATCH = 2049", set()),
    # readers
    Edit("finexl/refusals.py", "images?|pictures?", "images?|pics?", explain(ASKING) | REFUSING),
    Edit("benchmark/read/degrees.py", "faintly", "palely", {"read lexicon"}),
    Edit("benchmark/read/clauses.py", '"except", ', "", {"read lexicon"}),
    Edit("benchmark/read/lexicon.py", '"ness", "th"', '"ness"', {"read lexicon"}),
    Edit("benchmark/read/statements.py", '("as", "so")', '("as",)', {"read lexicon"}),
    Edit("benchmark/read/polarity.py", '"lacking", ', "", JUDGES),
    Edit("benchmark/read/budget.py", "rel_tol=1e-9", "rel_tol=1e-8", JUDGES),
    # truth and scores
    Edit("benchmark/certify/verdicts.py", "CERTIFIED_TAU = 0.8", "CERTIFIED_TAU = 0.7", {"certify"}),
    Edit("benchmark/certify/divergence.py", "_BATCH = 32", "_BATCH = 31", {"certify"}),
    Edit("benchmark/certify/pyramid.py", "_DARKEST = 0.01", "_DARKEST = 0.02", {"certify", "certifier"}),
    Edit("benchmark/certify/certifier.py", "RIDGE = 0.3", "RIDGE = 0.2", {"certifier"}),
    Edit("benchmark/certify/certifier.py", "_QUANTILE = 0.95", "_QUANTILE = 0.9", {"certifier"}),
    Edit("benchmark/run/probing.py", "N_CERTIFYING = 16", "N_CERTIFYING = 15", {"certifier"}),
    Edit("benchmark/score/false_alarms.py", "worst=1.0", "worst=0.9", {"scores"}),
    Edit("benchmark/score/facts.py", "TIE = 1e-9", "TIE = 1e-8", {"scores"}),
    Edit("benchmark/score/claims.py", "_sign(level)), 0.0)", "_sign(level)), 0.1)", {"scores"}),
    Edit("benchmark/score/claim_f1.py", "2 * precision * recall", "3 * precision * recall", {"scores"}),
    Edit("benchmark/score/comparability.py", "agreement.mean()) / 2", "agreement.mean()) / 3", {"scores"}),
    Edit("benchmark/score/statistics.py", "MIN_UNITS = 5", "MIN_UNITS = 4", {"scores"}),
    Edit("finetune/miniature/relatives.py", "RELATED_FROM = 0.5", "RELATED_FROM = 0.6", {"scores"}),
    # the oracle probe
    Edit("benchmark/run/probing.py", "RIDGE = 1e-2", "RIDGE = 1e-3", PROBED),
    Edit("benchmark/run/probing.py", "STRENGTHS = (0.25,", "STRENGTHS = (0.2,", PROBED | {"certifier"}),
    Edit("benchmark/run/lessons.py", "_FASTER = 2.0", "_FASTER = 3.0", PROBED),
    # corpora
    Edit("finetune/miniature/tints.py", "images * np.float32(0.28)", "images * np.float32(0.3)", PAINTED | {"scores"}),
    Edit("finetune/corpora/portraits.py", "AMOUNTS = (0.8", "AMOUNTS = (0.7", {"corpus portraits"}),
    Edit("finetune/corpora/labelled.py", "_IMAGES, _PROMPTS = 6, 7", "_IMAGES, _PROMPTS = 6, 8", {"corpus labelled"}),
    # training and sampling
    Edit("finetune/training/trajectory.py", "clip: float = 1.0", "clip: float = 2.0", train(FAMILIES)),
    Edit("finetune/workshop.py", "MIXING_SEED = 20_001", "MIXING_SEED = 20_002", train(FAMILIES)),
    Edit("finetune/families/diffusion/finestyle.py", "margin: float = 0.1", "margin: float = 1", train({"diffusion"})),
    Edit("finetune/families/anole/personalizer.py", "DETAIL_WEIGHT = 0.5", "DETAIL_WEIGHT = 0.4", train({"anole"})),
    Edit("finetune/families/controlgan/losses.py", "SHARPNESS = 10.0", "SHARPNESS = 9.0", train({"controlgan"})),
    Edit("finetune/families/diffusion/sampling.py", "guidance: float = 3.0", "guidance: float = 2", SAMPLED),
    # what only people see
    Edit("benchmark/show/console_sink.py", "_PLAIN_WIDTH = 150", "_PLAIN_WIDTH = 140", set()),
    Edit("benchmark/cli/run.py", 'HELP = """\\\n', 'HELP = """\\\nRead on. ', set()),
    Edit("finexl/explainer.py", "class PaperFineXL:", "class PaperFineXL:  # Algorithm 1", set()),
    Edit("finexl/explainer.py", '"""', '"""Well. ', set()),
    Edit("benchmark/cli/exits.py", "is not one that", "is  not one that", set()),
]  # fmt: skip


def recipe() -> Recipe:
    return Recipe(
        generator="g", corpus="c", aspects=("vivid",), mixture=Mixture(parts=(1,), whole=2), n_images=8,
        learning_rate=1e-4, batch_size=4, steps=(1,), seed=1,
    )  # fmt: skip


@cache
def settings_of_all() -> Settings:
    return load_settings(["preset=smoke", f"explainer={','.join(sorted(EXPLAINERS))}"])


def keys() -> dict[str, str]:
    """The key of everything that is made, by name."""
    settings = settings_of_all()
    probe = SettingsWorkbench(settings).probe_identity
    found = {
        f"explain {config.name}": explainer_key(config, settings, ("vivid",), probe=probe)
        for config in settings.explainers
    }
    for family in FAMILIES:
        generator = GeneratorSettings(folder=Path("none"), family=family)
        found[f"train {family}"] = str(identity.training_identity(recipe(), generator))
        found[f"sample {family}"] = str(identity.sampling_identity(generator, "g"))
    corpora = {
        "synthetic": SyntheticCorpus(),
        "style_transfer": StyleTransferCorpus(),
        "wikiart": WikiArtCorpus(),
        "portraits": PortraitCorpus(),
    }
    return found | {
        **{f"corpus {name}": corpus.id for name, corpus in corpora.items()},
        **{f"ask {kind}": code_version(*part.versioned) for kind, part in VLMS.items()},
        "corpus labelled": code_version(*labelled._CODE),
        "edit": identity.editing_code("diffusion"),
        "tokens": identity.tokens_code(),
        "read lexicon": LexiconReader({"vivid": ("vivid",)}).id,
        "read gpt_judge": VLMJudge(lambda: None, identity={}, names={}).id,  # type: ignore[arg-type]
        **{act: act_code(act) for act in ACTS},
        "probe": probe_code(),
        "certifier": certifier_code(),
        "scores": score_code(),
        "bundle": bundle_code(),
    }


@pytest.fixture(scope="module")
def before() -> dict[str, str]:
    return keys()


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.file}-{edit.old[:20]}")
def test_an_edited_constant_changes_the_keys_of_exactly_what_it_can_change(
    edit: Edit, before: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ROOT / edit.file
    text = path.read_text()
    assert edit.old in text
    changed = project().edited(path, text.replace(edit.old, edit.new, 1).encode())
    monkeypatch.setattr(finexl.code_version, "project", lambda: changed)
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # types are checked once, in `before`
    after = keys()
    assert {name for name in after if after[name] != before[name]} == edit.changes


def test_the_options_of_a_variant_are_in_its_key(
    before: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "configs"
    shutil.copytree(ROOT / "configs", copy)
    variant = copy / "explainer" / "gsclip_negation.yaml"
    variant.write_text(variant.read_text().replace("test: welch", "test: paired"))
    monkeypatch.setattr("benchmark.config.choices.config_folder", lambda: copy)
    settings_of_all.cache_clear()
    after = keys()
    settings_of_all.cache_clear()
    assert {name for name in after if after[name] != before[name]} == {"explain gsclip_negation"}


def test_the_table_of_styles_that_look_alike_is_in_the_version_of_scores(
    before: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finetune.miniature.relatives.FILE", tmp_path / "relatives.json")
    (tmp_path / "relatives.json").write_text("{}")
    assert score_code() != before["scores"]


def test_the_amounts_of_versions_are_truth_and_change_no_key() -> None:
    words = ("preset=smoke", "scenario=versions", "explainer=oracle_probe")
    benches = [
        SettingsWorkbench(load_settings([*words, f"generator.versions.v14.aspects.vivid={amount}"]))
        for amount in (1, 3)
    ]
    (few,), (many,) = (bench.groups() for bench in benches)
    assert [trial.truth for trial in few.trials] != [trial.truth for trial in many.trials]
    assert [bench.pairs_key(few.trials[0], few.probe) for bench in benches] == 2 * [
        benches[0].pairs_key(many.trials[0], many.probe)
    ]


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Path]:
    """A file with a class, a helper beside it, and a file of words that it names."""
    (tmp_path / "mine.py").write_text(
        "from helper_beside import words\n\n\nclass Mine:\n    file = 'words.txt'\n    asks = words\n"
    )
    (tmp_path / "helper_beside.py").write_text("def words():\n    return 1\n")
    (tmp_path / "words.txt").write_text("vivid\n")
    (tmp_path / "other.py").write_text("X = 1\n")
    yield tmp_path / "mine.py"


def appended(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


@pytest.mark.parametrize("name", ["mine.py", "helper_beside.py", "words.txt"])
def test_the_code_of_a_file_covers_what_it_imports_and_names_beside_it(mine: Path, name: str) -> None:
    code = stranger_code(f"{mine}:Mine")
    appended(mine.with_name(name), "MORE = 1\n")
    assert stranger_code(f"{mine}:Mine") != code


def test_the_code_of_a_file_does_not_cover_what_it_does_not_use(mine: Path) -> None:
    code = stranger_code(f"{mine}:Mine")
    appended(mine.with_name("other.py"), "MORE = 1\n")
    appended(mine, "# a comment\n")
    assert stranger_code(f"{mine}:Mine") == code


def test_the_code_of_a_module_covers_its_package_and_the_data_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "tiny_covered"
    (package / "deep").mkdir(parents=True)
    for file in ("__init__.py", "deep/__init__.py", "deep/told.py", "helpers.py", "list.json"):
        (package / file).write_text("")
    (package / "deep" / "told.py").write_text("from ..helpers import *\n\nclass Mine: ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    codes = [stranger_code("tiny_covered.deep.told:Mine")]
    for file in ("__init__.py", "deep/__init__.py", "helpers.py", "list.json"):
        appended(package / file, "X = 1\n")
        codes.append(stranger_code("tiny_covered.deep.told:Mine"))
    assert len(set(codes)) == 5


def test_the_code_of_an_explainer_from_elsewhere_covers_what_it_takes_from_the_project(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine.write_text("from finexl import FineXLSettings\n\n\nclass Mine:\n    settings = FineXLSettings()\n")
    reach = finexl.code_version.Code(own=finexl.code_version.Own(folder=mine.parent, entry=mine)).reach(
        finexl.code_version.ENTRY
    )
    assert any(line.startswith("finexl.settings:FineXLSettings ") for line in reach.lines)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("benchmark/explain/outside.py", "_IMAGES_MB = 512", "_IMAGES_MB = 511"),
        ("benchmark/explain/outside_process.py", "(1 << 30, 1 << 40)", "(1 << 30, 1 << 39)"),
        ("benchmark/explain/wire.py", "_PIECE = 1 << 20", "_PIECE = 1 << 19"),
        ("benchmark/explain/isolation.py", '"/lib32", ', ""),
    ],
)
def test_the_code_that_runs_explainers_from_elsewhere_is_in_their_keys_alone(
    file: str, old: str, new: str, before: dict[str, str], mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(["preset=smoke", f"explainer={mine}:Mine"])
    (mine.parent / "helper_beside.py").unlink()  # the class is found out about without it
    mine.write_text("class Mine: ...\n")
    key = explainer_key(settings.explainers[0], settings, ("vivid",), probe=dict)
    path = ROOT / file
    text = path.read_text()
    assert old in text
    changed = project().edited(path, text.replace(old, new, 1).encode())
    monkeypatch.setattr(finexl.code_version, "project", lambda: changed)
    assert explainer_key(settings.explainers[0], settings, ("vivid",), probe=dict) != key
    assert keys() == before


@pytest.mark.parametrize("kind", ["no_such_module:Flat", "no/such/mine.py:Flat", "finexl_no_such.deep:Flat"])
def test_a_module_that_is_not_there_is_an_error(kind: str) -> None:
    with pytest.raises(InvalidInputError, match=kind.rpartition(":")[0]):
        stranger_code(kind)


def test_how_a_card_looks_is_in_no_key() -> None:
    reached = project().reach("finexl.robust.explainer:FineXL").modules
    assert "finexl.explanation" in reached and not [
        name for name in reached if name.startswith("finexl.explain.")
    ]


@pytest.mark.parametrize(
    "target",
    [
        "finexl.encoders.open_clip:load_open_clip",
        "finexl.encoders.transformers:load_transformers_encoder",
        "finexl.vlms.miniature:load_miniature_vlm",
        "finexl.vlms.chat_requests:request_body",
        "finetune.corpora.labelled:LabelledCorpus",
    ],
)
def test_how_pictures_are_seen_is_in_the_keys_of_all_that_see_them(target: str) -> None:
    assert "finexl.pictures" in project().reach(target).modules
