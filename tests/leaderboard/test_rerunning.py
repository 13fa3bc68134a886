"""A submitted package is run again where it finds nothing, and whatever it does is a finding with its reason."""

import json
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hostile import Asks
from PIL import Image
from small_board import entry, facts, submission

from benchmark.bundle.answers import question_hash
from benchmark.bundle.manifest import Bundle
from benchmark.explain.outside import OutsideLimits
from benchmark.parts.strangers import facts_of
from finexl.interfaces import Question, Task
from leaderboard.auditing import audit, drawn
from leaderboard.entry.example import json_lines
from leaderboard.entry.making import entry_files
from leaderboard.ledger.events import Audit
from leaderboard.rerun.packages import Package, PackageError, installed
from leaderboard.rerun.running import AuditLimits, PackageRun
from leaderboard.verify.verifying import Submission

MODULE = Path(__file__).with_name("hostile.py")
OUTSIDERS = Path(__file__).parents[1] / "benchmark" / "outsiders.py"
ROOMY = AuditLimits(of_explanation=OutsideLimits(seconds=300.0, memory_gb=4.0))
"""For packages that load torch."""
LIMITS = AuditLimits(of_explanation=OutsideLimits(seconds=300.0, memory_gb=1.0, file_mb=32, n_processes=20))


@pytest.fixture(scope="module", autouse=True)
def cut_off() -> None:
    if exposed := facts_of(f"{OUTSIDERS}:Tells").exposed:
        pytest.skip(f"this machine cuts no process off from {', '.join(exposed)}")


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
        ("PhonesThroughTheSystem", "Network is unreachable"),
        ("FollowsLinks", "found 0 through links"),
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


def test_who_works_around_its_copies_differs_in_another_order(
    bundle: Bundle, package: Package, tmp_path: Path
) -> None:
    one = said(bundle, "Remembers")
    every = [answer.trial for answer in one.answers]

    def run(kept: str) -> PackageRun:
        return PackageRun(bundle=bundle, source=package, kept=tmp_path / kept, limits=LIMITS)

    told = run("first")(one, every)
    assert not isinstance(told, str)
    one = replace(one, answers=tuple(told))
    assert audit(one, run("same"), trials=every).status == "reproduced"
    other = drawn(every, digest=one.digest, later="a commit", n=0)
    assert audit(one, run("other"), trials=other).status == "differs"


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


def test_who_asks_a_model_by_itself_is_not_run(bundle: Bundle, package: Package, tmp_path: Path) -> None:
    one = submission(entry(bundle, target="hostile:Warmth", vlms=["a-model"], settings={}, encoder=None))
    found = PackageRun(bundle=bundle, source=package, kept=tmp_path)(one, [])
    assert found == "it asks a-model by itself, and there is no network"


def asking(bundle: Bundle, target: str, *, of: str = Asks.text) -> Submission:
    """An entry whose explainer was told of each model what its first image is, twice and differently."""
    answers, replies = [], []
    for group in bundle.manifest.groups:
        for trial in group.trials if group.part == "public" else ():
            image = Image.fromarray(bundle.pixels(trial.images)[0])
            question = question_hash(Question(task=Task.DESCRIBE, text=of, images=(image,)))
            about = {"trials": [trial.id], "vlm": "a-model", "question": question}
            replies += [{**about, "reply": f"{word} {trial.id[:4]}"} for word in ("first", "second")]
            claim = {"concept": f"first {trial.id[:4]} second {trial.id[:4]}", "amount": 1.0}
            answers.append({"trial": trial.id, "said": {"kind": "claims", "claims": [claim]}, "seconds": 0.1})
    told = facts(bundle, target=f"hostile:{target}", vlms=["a-model"], settings={}, encoder=None)
    told["costs"] |= {"vlm_calls": len(replies)}
    return submission(entry_files(told, explanations=json_lines(answers), replies=json_lines(replies)))


Asking = Callable[[Submission], Audit]


@pytest.fixture
def asked(bundle: Bundle, package: Package, tmp_path: Path) -> Asking:
    def run(one: Submission) -> Audit:
        rerun = PackageRun(bundle=bundle, source=package, kept=tmp_path, limits=ROOMY)
        return audit(one, rerun, trials=[answer.trial for answer in one.answers])

    return run


def test_who_asks_a_model_is_given_the_replies_of_the_entry(bundle: Bundle, asked: Asking) -> None:
    assert asked(asking(bundle, "Asks")).status == "reproduced"


def test_who_has_the_replies_of_another_entry_differs(bundle: Bundle, asked: Asking) -> None:
    found = asked(asking(bundle, "AsksSomethingElse"))
    assert found.status == "differs" and "one that the entry holds the reply to" in found.why
    assert "13 of 16 trials were not answered both times" in found.why


def test_who_compares_models_sees_whole_groups_again(bundle: Bundle, asked: Asking) -> None:
    answers = []
    for group in bundle.manifest.groups:
        pixels = {trial.id: bundle.pixels(trial.images) for trial in group.trials}
        reds = {trial: np.mean([np.mean(image[..., 0]) for image in pixels[trial]]) for trial in pixels}
        for trial in group.trials if group.part == "public" else ():
            claim = {"concept": "warm", "amount": float(reds[trial.id] - max(reds.values()))}
            answers.append({"trial": trial.id, "said": {"kind": "claims", "claims": [claim]}, "seconds": 0.1})
    told = {"target": "hostile:Compares", "settings": {}, "encoder": None}
    found = asked(submission(entry(bundle, answers, track="joint", **told)))
    assert (found.status, found.why) == ("reproduced", "16 of 16 trials run again")
    found = asked(submission(entry(bundle, answers, track="solo", **told)))
    assert found.why == "it explains the models of a group together, and is entered as solo"


class Slow:
    """An encoder that takes its time."""

    id = "slow"

    def embed_images(self, images: Sequence[Image.Image]) -> torch.Tensor:
        raise NotImplementedError

    def embed_texts(self, texts: Sequence[str]) -> torch.Tensor:
        time.sleep(0.2)
        return torch.zeros(len(texts), 2)


def test_the_encoder_works_for_a_model_for_so_long(bundle: Bundle, package: Package, tmp_path: Path) -> None:
    one = submission(entry(bundle, target="hostile:AsksForMuch", encoder="slow", settings={}))
    limits = AuditLimits(of_explanation=ROOMY.of_explanation, lent_seconds=0.5)
    rerun = PackageRun(
        bundle=bundle, source=package, kept=tmp_path, encoder=lambda name: Slow(), limits=limits
    )
    found = audit(one, rerun, trials=[one.answers[0].trial])
    assert found.status == "differs" and "at most 0.5 s of work on a model" in found.why


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


MEETS = """
import ctypes, os, socket, subprocess, sys
from pathlib import Path
from setuptools import setup

met = [f"{sum(name.startswith('FINEXL') for name in os.environ)} secrets"]
met.append(f"{sum(path.name == 'secret' for path in Path.home().rglob('*'))} in a home")
for place in (OUTSIDE, SOURCE):
    try:
        Path(place, "escaped").write_text("x")
        met.append("wrote")
    except OSError:
        met.append("kept in")
library = ctypes.CDLL(None, use_errno=True)
number = library.socket(2, 1, 0)
address = bytes([2, 0, 0, 80, 192, 0, 2, 1]) + bytes(8)
met.append("connected" if library.connect(number, address, 16) == 0 else "cut off")
quiet = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.DEVNULL)  # or pip would wait for it
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(7725)"], start_new_session=True, **quiet)
Path("met.py").write_text(f"MET = {met!r}")
setup(name="met", version="1", py_modules=["met"])
"""


def test_a_script_that_builds_meets_nothing_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, home = tmp_path / "project", tmp_path / "home"
    for folder in (project, home):
        folder.mkdir()
    (home / "secret").write_text("x", encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("FINEXL_SECRET", "a secret")
    script = MEETS.replace("OUTSIDE", repr(str(tmp_path))).replace("SOURCE", repr(str(project)))
    (project / "setup.py").write_text(script, encoding="utf-8")
    made = installed(project, tmp_path / "built", limits=LIMITS.of_explanation)
    met = (made.folder / "met.py").read_text(encoding="utf-8")
    assert met == "MET = ['0 secrets', '0 in a home', 'kept in', 'kept in', 'cut off']"
    assert sorted(path.name for path in tmp_path.rglob("escaped")) == []
    lines = [path / "cmdline" for path in Path("/proc").iterdir() if path.name.isdigit()]
    assert not [line for line in lines if line.exists() and b"sleep(7725)" in line.read_bytes()]


def bomb(path: Path) -> Path:
    """A wheel of a few bytes that says of a file that it has two gigabytes."""
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("hostile.py", "")
        wheel.filelist[0].file_size = 2 << 30
    return path


def crowd(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as wheel:
        for number in range(20_001):
            wheel.writestr(f"h/{number}", "")
    return path


@pytest.mark.parametrize(("made", "says"), [(bomb, "files and 2048 MB"), (crowd, "to 20,001 files")])
def test_a_wheel_that_would_fill_the_disk_is_not_unpacked(
    made: Callable[[Path], Path], says: str, tmp_path: Path
) -> None:
    wheel = made(tmp_path / "hostile-1-py3-none-any.whl")
    with pytest.raises(PackageError, match=says):
        installed(wheel, tmp_path / "built", limits=OutsideLimits())
    assert not (tmp_path / "built").exists()


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
