"""A submitted package is run again where it finds nothing, and whatever it does is a finding with its reason."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_board import entry, submission, write_bundle

from benchmark.bundle.manifest import Bundle
from benchmark.explain.outside import OutsideLimits
from benchmark.parts.strangers import facts_of
from leaderboard.auditing import audit
from leaderboard.ledger.events import Audit
from leaderboard.rerun.packages import Package, PackageError, installed
from leaderboard.rerun.running import AuditLimits, PackageRun
from leaderboard.verify.verifying import Submission

MODULE = Path(__file__).with_name("hostile.py")
OUTSIDERS = Path(__file__).parents[1] / "benchmark" / "outsiders.py"
LIMITS = AuditLimits(of_explanation=OutsideLimits(seconds=30.0, memory_gb=1.0, file_mb=32, n_processes=20))


@pytest.fixture(scope="module", autouse=True)
def cut_off() -> None:
    if exposed := facts_of(f"{OUTSIDERS}:Tells").exposed:
        pytest.skip(f"this machine cuts no process off from {', '.join(exposed)}")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "small")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """What an installer would make of the package: its module in a folder."""
    folder = tmp_path_factory.mktemp("installed")
    (folder / "hostile.py").write_bytes(MODULE.read_bytes())
    return Package(folder=folder, sha256="ab" * 32)


def warmth(bundle: Bundle, digests: tuple[str, ...], base: tuple[str, ...]) -> float:
    shown, before = (
        np.mean([np.asarray(Image.open(bundle.image(digest)))[..., 0] for digest in each])
        for each in (digests, base)
    )
    return float(shown - before) / 255


def said(bundle: Bundle, target: str, factor: float = 1.0) -> Submission:
    """An entry that says how red models are, of an explainer of the package."""
    answers = [
        {
            "trial": trial.id,
            "said": {
                "kind": "claims",
                "claims": [{"concept": "warm", "amount": factor * warmth(bundle, trial.images, group.base)}],
            },
            "seconds": 0.1,
        }
        for group in bundle.manifest.groups
        if group.part == "public"
        for trial in group.trials
    ]
    return submission(entry(bundle, answers, target=f"hostile:{target}", encoder=None, settings={}))


Audited = Callable[..., Audit]


@pytest.fixture
def audited(bundle: Bundle, package: Package, tmp_path: Path) -> Audited:
    def run(target: str, *, factor: float = 1.0, n: int = 16, limits: AuditLimits = LIMITS) -> Audit:
        one = said(bundle, target, factor)
        trials = [answer.trial for answer in one.answers][:n]
        rerun = PackageRun(bundle=bundle, source=package, kept=tmp_path, limits=limits)
        return audit(one, rerun, trials=trials)

    return run


def test_who_says_the_same_again_is_reproduced(audited: Audited) -> None:
    assert audited("Warmth") == Audit(status="reproduced", why="16 of 16 trials run again")


def test_who_says_something_else_differs_with_the_numbers(audited: Audited) -> None:
    found = audited("Warmth", factor=1.1, n=3)
    assert found.status == "differs" and "amounts by up to 0.0909 of the largest" in found.why


@pytest.mark.parametrize(
    ("target", "met"),
    [
        ("ReadsTheStore", "found 0 files of truth"),
        ("ReadsTheEnvironment", "found 0 secrets, home []"),
        ("ReadsProc", "found 0 callers"),
        ("ReadsTheCaller", "found 0 frames with truth"),
        ("PhonesHome", "Network is unreachable"),
        ("FillsTheDisk", "No space left on device"),
        ("TakesMemory", "MemoryError"),
        ("SaysTooMuch", "more than 4194304 of words"),
        ("Forks", "more than 20 processes"),
    ],
)
def test_who_looks_around_finds_nothing_and_differs(
    audited: Audited, monkeypatch: pytest.MonkeyPatch, target: str, met: str
) -> None:
    monkeypatch.setenv("FINEXL_SECRET", "a secret")
    found = audited(target, n=1)
    assert found.status == "differs" and met in found.why


def test_who_never_ends_is_asked_three_times(audited: Audited) -> None:
    limits = AuditLimits(of_explanation=OutsideLimits(seconds=0.5))
    found = audited("NeverEnds", limits=limits)
    assert "It took more than 0.5 s and was ended." in found.why
    assert "13 of 16 trials were not answered both times" in found.why


def test_who_cannot_be_started_is_not_run(audited: Audited) -> None:
    found = audited("CannotBeBuilt")
    assert found.status == "not run" and found.why.startswith("it could not be started")


def test_a_class_that_is_not_there_is_not_run(audited: Audited) -> None:
    assert "hostile:Nobody" in audited("Nobody").why


def test_an_entry_that_asks_a_model_is_not_run(bundle: Bundle, package: Package, tmp_path: Path) -> None:
    one = submission(entry(bundle, target="hostile:Warmth", vlms=["a-model"]))
    found = PackageRun(bundle=bundle, source=package, kept=tmp_path)(one, [])
    assert found == "it asks a-model, whose replies are not asked for again"


def test_an_audit_that_was_ended_goes_on_where_it_stopped(
    bundle: Bundle, package: Package, tmp_path: Path
) -> None:
    one = said(bundle, "Warmth")
    trials = [answer.trial for answer in one.answers]
    told: list[str] = []
    rerun = PackageRun(bundle=bundle, source=package, kept=tmp_path, limits=LIMITS, tell=told.append)
    assert audit(one, rerun, trials=trials[:4]).status == "reproduced"
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes() + b'{"trial": "half a li')
    assert audit(one, rerun, trials=trials[:6]).status == "reproduced"
    assert told[-2:] == ["5 of 6 trials run again", "6 of 6 trials run again"]
    assert len([json.loads(line) for line in path.read_text().splitlines()]) == 6


def test_a_wheel_is_unpacked_and_the_folder_of_a_project_is_built(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "hostile.py").write_bytes(MODULE.read_bytes())
    (project / "setup.py").write_text(
        "from setuptools import setup\nsetup(name='hostile', version='1', py_modules=['hostile'])\n"
    )
    made = installed(project, tmp_path / "built", limits=LIMITS.of_explanation)
    assert (made.folder / "hostile.py").is_file() and not (project / "build").exists()


def test_what_is_no_package_says_what_it_must_be(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(PackageError, match="a wheel or the folder of a project"):
        installed(tmp_path / "a.txt", tmp_path / "built", limits=OutsideLimits())


def test_a_wheel_that_is_none_says_what_pip_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "hostile-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("../../escaped.py", "")
    with pytest.raises(PackageError, match="pip install failed"):
        installed(tmp_path / "hostile-1-py3-none-any.whl", tmp_path / "built", limits=OutsideLimits())
    assert not (tmp_path.parent / "escaped.py").exists()
