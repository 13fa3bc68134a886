"""Bundles from runs: models, images and certificates are made as in any run, then frozen and published in one step.

The same recipe gives the same bytes. Order and ids are hashes of what is shown; images are encoded anew from their
pixels, written in the order of their hashes, and files have one time, so that nothing in the folder tells when or in
which order it was made. Every group has noise of its own: else a model that groups share, as the mixture of base images
alone, would be known by its images' coming again. Where pictures come again nevertheless, they are shown once.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from benchmark.bundle.manifest import (
    LABELS,
    MANIFEST,
    PLANTED,
    Bundle,
    FrozenGroup,
    FrozenTrial,
    GroupTruth,
    Manifest,
    Part,
    TrialTruth,
    Truth,
    truth_file,
)
from benchmark.bundle.planting import labels_of, planted_in
from benchmark.bundle.recipe import BundleRecipe
from benchmark.config.settings import Settings
from benchmark.explain.explaining import Pixels
from benchmark.parts.corpora import open_corpus
from benchmark.parts.identity import benchmark_version
from benchmark.parts.wording import concepts_of, judged_names, parts_of
from benchmark.plan.trials import Group, Probe, Trial
from benchmark.record.files import plain_disk_errors, strict_json, write_atomically
from benchmark.record.records import CertificateRecord
from finexl.errors import InvalidInputError

_TIME = 946_684_800
"""Seconds since 1970 of every file: the first of January 2000."""
_DIGITS = 9
"""Of measured numbers, so that the last bit of a sum is in no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A group whose images were encoded, with what is true of it."""

    group: FrozenGroup
    truth: GroupTruth


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a run made of a group."""

    group: Group
    base: Pixels
    models: tuple[Pixels, ...]
    """Images of every trial, in the order of the plan."""
    certificate: CertificateRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What explanations may say: the vocabulary that readers know, and the corpus' own for those who are told it."""

    names: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)
    told: tuple[str, ...] = ()


@runtime_checkable
class Bench(Protocol):
    """Where images are found once they are made."""

    def images(self, trial: Trial, probe: Probe) -> tuple[Pixels, Pixels]: ...


def freeze(recipe: BundleRecipe, tell: Callable[[str], None]) -> Bundle:
    """Make what a recipe asks for and publish it in its folder; what was made before is found in the store.

    Raises:
        InvalidInputError: The folder holds something else than a bundle, or the bundle is too large.
    """
    check_output(recipe.output)
    made: dict[Part, list[Made]] = {}
    number = 0
    for part in recipe.parts:
        groups = made.setdefault(part.part, [])
        for run in part.runs:
            number += 1
            scenarios = ", ".join(scenario.name for scenario in run.scenarios)
            tell(f"run {number} of {recipe.n_runs}: {part.part} {scenarios}")
            groups += made_by(run, before=len(groups))
    said = words_of(recipe.parts[-1].runs[0])
    tell("encoding images")
    return publish(recipe, made, said)


def made_by(run: Settings, *, before: int = 0) -> Iterator[Made]:
    """Every group of a run with images and certificate, made now where they are not stored; `before` it are others."""
    from benchmark.run.jobs import build_job
    from benchmark.run.runner import certify

    job = build_job(run)
    job = replace(job, groups=with_noise_of_their_own(job.groups, before=before))
    certificates = certify(job)
    bench = job.opener()
    for group in job.groups:
        yield gathered(group, bench, certificates[group.id])


def with_noise_of_their_own(groups: Sequence[Group], *, before: int) -> tuple[Group, ...]:
    """The same models on the same prompts, each group from the next noise of the same draw."""
    return tuple(
        replace(
            group,
            probe=replace(
                group.probe, seeds=tuple(seed + number * len(group.probe.seeds) for seed in group.probe.seeds)
            ),
        )
        for number, group in enumerate(groups, start=before)
    )


def gathered(group: Group, bench: Bench, certificate: CertificateRecord) -> Made:
    """A group with its images."""
    pairs = [bench.images(trial, group.probe) for trial in group.trials]
    return Made(
        group=group, base=pairs[0][0], models=tuple(other for _, other in pairs), certificate=certificate
    )


def words_of(run: Settings) -> Words:
    """The vocabulary of a run's corpus."""
    corpus = open_corpus(run.corpus, store=run.store)
    return Words(names=judged_names(corpus), parts=parts_of(corpus), told=concepts_of(corpus))


def publish(recipe: BundleRecipe, made: Mapping[Part, Sequence[Made]], words: Words) -> Bundle:
    """Write the folder of a bundle aside, check it, and put it in place in one step.

    Raises:
        InvalidInputError: It is larger than the recipe allows.
    """
    aside = recipe.output.with_name(f".{recipe.output.name}.aside")
    shutil.rmtree(aside, ignore_errors=True)
    with plain_disk_errors(aside):
        (aside / "images").mkdir(parents=True)
    try:
        images: dict[str, bytes] = {}
        shown: set[tuple[str, ...]] = set()
        parts: dict[Part, list[Frozen]] = {
            part: _frozen(part, groups, images, shown) for part, groups in made.items()
        }
        for digest in sorted(images):
            with plain_disk_errors(aside):
                (aside / "images" / f"{digest}.png").write_bytes(images[digest])
        content = _files(recipe, parts, words)
        for name, written in content.items():
            write_atomically(aside / name, written)
        _check_size(aside, recipe.at_most_mb)
        Bundle(aside).check()
        for path in (*aside.rglob("*"), aside):
            os.utime(path, (_TIME, _TIME))
        with plain_disk_errors(recipe.output):
            _put(aside, recipe.output)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Bundle(recipe.output)


def check_output(folder: Path) -> None:
    """See that a folder is new, empty or a bundle, which is replaced.

    Raises:
        InvalidInputError: It holds something else.
    """
    if folder.exists() and not (
        folder.is_dir() and ((folder / MANIFEST).exists() or not any(folder.iterdir()))
    ):
        raise InvalidInputError(
            f"`output` must be a folder that is new or empty, or a bundle to be made again. {str(folder)!r} is none "
            "of these. Choose another."
        )


def png(pixels: Any) -> bytes:
    """An image as a PNG that holds pixels and nothing else."""
    from PIL import Image

    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG", optimize=True)
    return content.getvalue()


def _frozen(
    part: Part, made: Sequence[Made], content: dict[str, bytes], shown: set[tuple[str, ...]]
) -> list[Frozen]:
    """The groups of a part in the order of their ids; what images hold is added to `content`, and models to `shown`."""
    encoded = [
        (one, _encoded(one.base, content), [_encoded(images, content) for images in one.models])
        for one in made
    ]
    groups: dict[str, Frozen] = {}
    for one, base, models in sorted(encoded, key=lambda each: (_shown(*each), each[0].group.id)):
        # a model that is its base to the pixel hides nothing, and may come again
        new = [place for place, images in enumerate(models) if images == base or images not in shown]
        places = new if len(new) > 1 else range(len(models))
        shown |= {models[place] for place in places}
        id = _opaque(_shown(one, base, [models[place] for place in places]), taken=groups)
        trials: dict[str, tuple[int, FrozenTrial]] = {}
        for place in places:
            images = models[place]
            trial = _opaque([id, list(images)], taken=trials)
            trials[trial] = place, FrozenTrial(id=trial, images=images)
        in_order = [trials[trial] for trial in sorted(trials)]
        groups[id] = Frozen(
            group=FrozenGroup(
                id=id,
                part=part,
                prompts=one.group.probe.prompts,
                base=base,
                trials=tuple(trial for _, trial in in_order),
            ),
            truth=_truth(id, one, [(place, trial.id) for place, trial in in_order]),
        )
    return [groups[id] for id in sorted(groups)]


def _shown(made: Made, base: tuple[str, ...], models: Sequence[tuple[str, ...]]) -> list[list[Any]]:
    """What a group shows, whatever the order of its models."""
    return [list(made.group.probe.prompts), list(base), sorted(map(list, models))]


def _truth(id: str, made: Made, places: Sequence[tuple[int, str]]) -> GroupTruth:
    group, certificate = made.group, made.certificate
    verdicts = dict(zip(certificate.key.aspects, certificate.certified_aspects, strict=True))
    return GroupTruth(
        group=id,
        scenario=group.scenario,
        aspects=group.aspects,
        certified_aspects=tuple(verdicts[aspect] for aspect in group.aspects),
        certified_unasked={name: fits for name, fits in verdicts.items() if name not in group.aspects},
        trials=tuple(
            TrialTruth(
                trial=trial,
                levels=group.trials[place].truth,
                unasked=dict(group.trials[place].unasked),
                divergence=_rounded(certificate.divergences[place]),
            )
            for place, trial in places
        ),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _encoded(images: Pixels, content: dict[str, bytes]) -> tuple[str, ...]:
    """The hashes of images, each of which is in `content` once."""
    digests = []
    for pixels in images:
        encoded = png(pixels)
        digests.append(sha256(encoded).hexdigest())
        content[digests[-1]] = encoded
    return tuple(digests)


def _opaque(shown: object, *, taken: Mapping[str, object]) -> str:
    """An id that is a hash of what is shown; of equals each has its own."""
    number = 0
    while (id := sha256(strict_json([shown, number]).encode()).hexdigest()[:16]) in taken:
        number += 1
    return id


def _files(recipe: BundleRecipe, parts: Mapping[Part, Sequence[Frozen]], words: Words) -> dict[str, bytes]:
    truths: dict[Part, bytes] = {
        part: _json(
            Truth(
                part=part,
                names=dict(words.names),
                parts=dict(words.parts),
                groups=tuple(one.truth for one in found),
            ).model_dump(mode="json")
        )
        for part, found in parts.items()
    }
    files = {truth_file(part): content for part, content in truths.items()}
    labels = planted = None
    if recipe.n_planted and (public := [one.truth for one in parts.get("public", ())]):
        wrong = planted_in(public, n=recipe.n_planted, key=recipe.key)
        files[LABELS] = _json(labels_of(public) | wrong)
        files[PLANTED] = _json(wrong)
        labels, planted = _hash(files[LABELS]), _hash(files[PLANTED])
    manifest = Manifest(
        name=recipe.name,
        benchmark=benchmark_version(),
        truths={part: _hash(content) for part, content in truths.items()},
        vocabulary=words.told,
        groups=tuple(one.group for found in parts.values() for one in found),
        labels=labels,
        planted=planted,
    )
    return {MANIFEST: _json(manifest.model_dump(mode="json")), **files}


def _json(value: object) -> bytes:
    return f"{strict_json(value)}\n".encode()


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()


def _check_size(folder: Path, at_most_mb: float | None) -> None:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if at_most_mb is not None and size > at_most_mb * 10**6:
        raise InvalidInputError(
            f"The bundle must take at most {at_most_mb:g} MB. It takes {size / 10**6:.1f} MB. "
            "Freeze fewer groups or prompts, as with preset.n_prompts=12."
        )


def _put(aside: Path, output: Path) -> None:
    """Put a folder in place of another one, which is whole until the new one is there."""
    output.parent.mkdir(parents=True, exist_ok=True)
    before = output.with_name(f".{output.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    if output.exists():
        output.replace(before)
    aside.replace(output)
    shutil.rmtree(before, ignore_errors=True)
