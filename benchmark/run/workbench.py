"""The workbench of a run: builds what units need from settings, once per process, and no sooner."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.certify.certifier import Certifier, fit_certifier
from benchmark.certify.pyramid import pyramid_statistics
from benchmark.config.settings import Settings
from benchmark.explain.children import ChildError
from benchmark.explain.explaining import Meter, MeteredExplainer, Pixels
from benchmark.explain.outside import (
    OutsideExplainer,
    OutsideHost,
    OutsideJointExplainer,
    OutsideLimits,
    Services,
    host_of,
)
from benchmark.explain.time_limit import TimeLimit
from benchmark.parts import models
from benchmark.parts.code import certifier_code, probe_code
from benchmark.parts.corpora import open_corpus, without_folder
from benchmark.parts.dictionary import public_dictionary
from benchmark.parts.encoders import check_encoder, load_encoder
from benchmark.parts.explainers import (
    ENCODER,
    MODEL,
    PROBE,
    ExplainerConfig,
    Supplies,
    build_explainer,
    explainer_key,
    is_from_elsewhere,
    uses_of,
)
from benchmark.parts.identity import digest
from benchmark.parts.readers import build_reader
from benchmark.parts.strangers import absolute, facts_of, outsider
from benchmark.parts.vlms import load_vlm
from benchmark.parts.wording import concepts_of
from benchmark.plan import scenarios
from benchmark.plan.few_images import few_images
from benchmark.plan.ground import Ground
from benchmark.plan.subjects import subjects_of
from benchmark.plan.trials import Group, Probe, Trial
from benchmark.read.readers import Reader
from benchmark.run.lessons import N_PROMPTS, Lesson, Needs, lessons
from benchmark.run.probing import (
    N_CERTIFYING,
    N_IMAGES,
    development_probe,
    embedding,
    is_painted,
    known_shifts,
    other_noise,
    probe_weights,
    taught_shifts,
)
from finetune.corpora import Corpus
from finetune.corpora.few_prompts import enough_prompts
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.naming import cut
from finetune.miniature.aspects import ASPECTS
from finetune.recipe import Recipe, Variant, recipes_of
from finetune.store.store import Store
from finetune.workshop import Workshop
from finexl.errors import InvalidInputError, unknown_name
from finexl.notices import MAX_EXAMPLES, Notice, notice

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

    from finexl.interfaces import VLM, Encoder, NoReply, Question, Reply


_REASON_LENGTH = 300
_MOST_LOOKED_AT = 10_000
"""Prompts whose length is looked at before a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsOpener:
    """Opens the workbench of settings wherever it is called."""

    settings: Settings

    def __call__(self) -> "SettingsWorkbench":
        return SettingsWorkbench(self.settings)


class SettingsWorkbench:
    """A `Workbench` built from settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._hosts: dict[str, OutsideHost] = {}

    @cached_property
    def corpus(self) -> Corpus:
        return open_corpus(self._settings.corpus, store=self._settings.store)

    @cached_property
    def workshop(self) -> Workshop:
        generator = models.sized(
            self._settings.generator,
            n_prompts=self._settings.preset.n_prompts,
            averages=self._settings.preset.averages,
        )
        return Workshop(
            store=Store(self._settings.store),
            generator=models.generator_settings(generator),
            corpus=self.corpus,
            neighbours=models.neighbours(generator),
        )

    def groups(self) -> tuple[Group, ...]:
        """The plan of the run."""
        return self._groups

    @cached_property
    def _groups(self) -> tuple[Group, ...]:
        models.check_base_files(self._settings.generator)
        models.check_adapter_files(self._settings.generator)
        groups = planned(self._settings, self.corpus, generator_id=self.workshop.generator_id)
        if any(recipes_of(trial.variant) for group in groups for trial in group.trials):
            models.check_sizes(self._settings.corpus, self._settings.generator)
            self.workshop.tell_of_contents()
        for one in few_images(self._settings.preset, groups):
            notice(one)
        return groups

    @property
    def corpus_aspects(self) -> tuple[str, ...]:
        return self.corpus.aspects

    @property
    def concepts(self) -> tuple[str, ...]:
        """The aspects in words, for explainers that are told them."""
        return concepts_of(self.corpus)

    @property
    def development_probe(self) -> Probe:
        """Base images that probes are trained with; a small corpus cannot say as much as the world."""
        n = N_IMAGES if is_painted(self.corpus) else min(N_IMAGES, self._settings.preset.n_prompts)
        return development_probe(partial(enough_prompts, self.corpus), n)

    def probe_identity(self) -> dict[str, Any]:
        """What the oracle probe's weights depend on."""
        probe, taught = self.development_probe, self._lesson_probe
        return {
            "stage": "probe",
            "images": self.workshop.images_key(None, probe.prompts, probe.seeds),
            "labels": None if is_painted(self.corpus) else self.corpus.id,
            "lessons": [
                [
                    self.workshop.images_key(lesson.variant, taught.prompts, taught.seeds),
                    dict(lesson.strengths),
                ]
                for lesson in self._lessons
            ],
            "encoder": self._settings.encoder.identity,
            "aspects": list(self.corpus.aspects),
            "code": probe_code(),
        }

    @property
    def oracle_needs(self) -> Needs:
        """What the oracle probe is trained with."""
        probe = self._lesson_probe
        return Needs(
            bases=(probe if self._lessons else self.development_probe,),
            models=tuple((lesson.variant, probe) for lesson in self._lessons),
            learned=("oracle_probe",),
        )

    def certifier_identity(self) -> dict[str, Any]:
        """What the certifier depends on."""
        probe = self.development_probe
        return {
            "stage": "certifier",
            "images": self.workshop.images_key(None, probe.prompts, probe.seeds),
            "labels": None if is_painted(self.corpus) else self.corpus.id,
            "aspects": list(self._certified_aspects),
            "code": certifier_code(),
        }

    @property
    def certifying_needs(self) -> Needs:
        """What certificates are made with: the certifier, and base images of other noise to know what is nothing."""
        probes = dict.fromkeys(other_noise(group.probe) for group in self.groups())
        return Needs(bases=(self.development_probe, *probes), learned=("certifier",))

    def make_base(self, probe: Probe, *, since: float = 0.0) -> None:
        one_thread()
        self.workshop.renew(since)
        self.workshop.images(None, probe.prompts, probe.seeds)
        self._tell_of_cut(probe.prompts)
        if isinstance(self.corpus, LabelledCorpus):
            self._tell_of_cut(self.corpus.captions, what="captions of training images")

    def make_personalized(self, variants: tuple[Variant, ...], probe: Probe, *, since: float = 0.0) -> None:
        one_thread()
        self.workshop.renew(since)
        for variant in variants:
            self.workshop.images(variant, probe.prompts, probe.seeds)

    def make_adapter(
        self, recipe: Recipe, variants: tuple[Variant, ...], probe: Probe, *, since: float = 0.0
    ) -> None:
        one_thread()
        self.workshop.renew(since)
        if not all(self.workshop.has_images(each, probe.prompts, probe.seeds) for each in variants):
            self.workshop.train(recipe)

    def _tell_of_cut(self, prompts: Sequence[str], *, what: str = "prompts") -> None:
        """Tell of texts that the generator cannot read to the end: those that differ only there give one image."""
        generator = self._settings.generator
        if generator.family == "diffusion":
            from finetune.families.diffusion.prompt_lengths import cut_prompts

            long, limit = cut_prompts(models.weights_folder(generator), prompts)
            _tell(long, f"{what} cut at the {limit} tokens of the generator's context")
        elif generator.family == "controlgan":
            from finetune.families.controlgan.prompt_lengths import unread_prompts

            found = unread_prompts(models.weights_folder(generator), prompts)
            _tell(found.cut, f"{what} cut at the {found.limit} words that the generator reads")
            _tell(found.unknown, f"{what} with words that the generator does not know, which it leaves out")

    def images(self, trial: Trial, probe: Probe) -> tuple[Pixels, Pixels]:
        base = self.workshop.images(None, probe.prompts, probe.seeds)
        return base, self.workshop.images(trial.variant, probe.prompts, probe.seeds)

    def pairs_key(self, trial: Trial, probe: Probe) -> str:
        return self.workshop.images_key(trial.variant, probe.prompts, probe.seeds)

    def reader(self) -> Reader:
        return self._reader

    @cached_property
    def _reader(self) -> Reader:
        """One for all groups: a judge's model is loaded once."""
        ledger = self._settings.output / "spending-judge.jsonl"
        return build_reader(self._settings.reader, self.corpus, ledger=ledger)

    def explainer(
        self,
        name: str,
        *,
        encoder: "Callable[[], Encoder] | None" = None,
        vlm: "Callable[[], VLM] | None" = None,
        probe: "Callable[[], Tensor] | None" = None,
        outside: bool = True,
    ) -> MeteredExplainer:
        """Built anew for each group: caches do not outlive it, so no batch depends on the work before.

        Parts that are handed in take the place of the configured ones. One from elsewhere is built in a process of
        its own, unless this one may be its own (`outside=False`).
        """
        one_thread()
        by_name = {config.name: config for config in self._settings.explainers}
        if name not in by_name:
            raise unknown_name("explainer", name, by_name)
        is_outside = outside and is_from_elsewhere(by_name[name].kind)
        meter = Meter(limit=None if is_outside else TimeLimit(seconds=self._settings.explainer_seconds))
        supplies = Supplies(
            config=by_name[name],
            concepts=self.concepts,
            seed=self._settings.seed,
            encoder=encoder or (lambda: self._fresh_encoder(meter)),
            vlm=lambda: MeteredVLM(vlm() if vlm else self._vlm, meter),
            probe=probe or (lambda: self._weights("oracle_probe")["weights"]),
        )
        if is_outside:
            return MeteredExplainer(explainer=self._outside(supplies, meter), meter=meter)
        return MeteredExplainer(explainer=build_explainer(supplies), meter=meter)

    def rehearse(self, names: Sequence[str]) -> None:
        """Build explainers once, before anything is made for them; no model is asked anything.

        One from elsewhere that cannot be built is told of, and its explanations fail; unless the run has no other.

        Raises:
            FinexlError: A part of the suite cannot be had as it is set, or no explainer can be built.
        """
        by_name, faults = {config.name: config for config in self._settings.explainers}, dict[str, str]()
        for name in names:
            if PROBE in uses_of(by_name[name]):  # its weights are still to be learned, by what it sees with
                _ = self._encoder
                continue
            explainer = self.explainer(name, vlm=Unasked).explainer
            if isinstance(explainer, OutsideExplainer | OutsideJointExplainer):
                try:
                    explainer.prepare()
                except (ChildError, InvalidInputError) as error:
                    faults[name] = str(error)
        if faults and len(faults) == len(by_name):
            told = " ".join(f"{name} cannot be built: {fault}" for name, fault in faults.items())
            raise InvalidInputError(f"A run must have an explainer that can be built. {told}")
        for name, fault in faults.items():
            notice(
                Notice(what=f"explainer {name}", how=f"cannot be built, and all it should say fails: {fault}")
            )

    def look(self) -> tuple[OutsideHost, ...]:
        """Look at the classes of explainers from elsewhere in the processes that will build them, which are returned.

        What they use is known from then on, and asked of no other process.

        Raises:
            InvalidInputError: One cannot be had.
        """
        strangers = [each for each in self._settings.explainers if is_from_elsewhere(each.kind)]
        for config in strangers:
            facts_of(config.kind, self._host(config))
        return tuple(self._hosts[config.name] for config in strangers)

    def rehearse_dry(self) -> None:
        """See that explainers and their parts are there, as far as can be told without building what is large.

        Raises:
            FinexlError: One cannot be had as it is set.
        """
        self.look()
        for config in self._settings.explainers:
            explainer_key(config, self._settings, self.concepts, probe=self.probe_identity)
        if any(ENCODER in uses_of(config) for config in self._settings.explainers):
            check_encoder(self._settings.encoder)
        elsewhere = [each.name for each in self._settings.explainers if is_from_elsewhere(each.kind)]
        if elsewhere:
            self.rehearse(elsewhere)

    def tell_of_cut_prompts(self) -> None:
        """Tell of prompts of the plan that the generator cannot read to the end; of very many, the first."""
        prompts = dict.fromkeys(prompt for group in self.groups() for prompt in group.probe.prompts)
        self._tell_of_cut([*prompts][:_MOST_LOOKED_AT])

    def _outside(self, supplies: Supplies, meter: Meter) -> OutsideExplainer | OutsideJointExplainer:
        """An explainer from elsewhere; its process serves all groups, with a fresh copy for each model."""
        config = supplies.config
        host = self._host(config)
        facts = facts_of(config.kind, host)
        explainer = OutsideExplainer(
            name=config.name,
            host=host,
            services=cache(
                lambda: Services(
                    encoder=supplies.encoder() if ENCODER in facts.uses else None,
                    vlm=supplies.vlm() if MODEL in facts.uses else None,
                )
            ),
            meter=meter,
        )
        return OutsideJointExplainer(name=config.name, alone=explainer) if facts.is_joint else explainer

    def _host(self, config: ExplainerConfig) -> OutsideHost:
        """Of an explainer from elsewhere; the workbenches of a run share it."""
        settings = self._settings
        given = {
            "kind": absolute(config.kind),
            "options": config.options,
            "seed": settings.seed,
            "dictionary": public_dictionary(),
        }
        limits = OutsideLimits(seconds=settings.explainer_seconds, memory_gb=settings.explainer_memory_gb)
        wanted = outsider(config.kind, limits=limits, hidden=self.hidden, options=config.options)
        self._hosts[config.name] = host_of(wanted, given)
        return self._hosts[config.name]

    @property
    def hidden(self) -> tuple[Path, ...]:
        """Folders that no explainer from elsewhere may see: other runs beside this one tell of the same models."""
        output = self._settings.output
        return self._settings.store, output, output.absolute().parent

    def _fresh_encoder(self, meter: Meter) -> "Encoder":
        from finexl.encoders.cache import CachedEncoder

        return CachedEncoder(MeteredEncoder(self._encoder, meter))

    @cached_property
    def _encoder(self) -> "Encoder":
        return load_encoder(self._settings.encoder)

    @cached_property
    def _vlm(self) -> "VLM":
        return load_vlm(self._settings.vlm, ledger=self._settings.output / "spending.jsonl")

    def learn(self, probe: str, *, since: float = 0.0) -> None:
        one_thread()
        self._learned[probe] = self._trained(probe, since)

    def unchanged(self, probe: Probe) -> tuple[Pixels, Pixels]:
        other = other_noise(probe)
        base = self.workshop.images(None, probe.prompts, probe.seeds)
        return base, self.workshop.images(None, other.prompts, other.seeds)

    def certifier(self) -> Certifier:
        weights = self._weights("certifier")["weights"].numpy()
        return Certifier(aspects=self._certified_aspects, weights=weights)

    @property
    def _certified_aspects(self) -> tuple[str, ...]:
        """What the certifier tells apart: all that can be painted, or the corpus' own aspects."""
        corpus = self.corpus
        return tuple(dict.fromkeys((*ASPECTS, *corpus.aspects))) if is_painted(corpus) else corpus.aspects

    @cached_property
    def _lessons(self) -> tuple[Lesson, ...]:
        """Models from which the oracle probe learns; where a preset has none, painted or labelled images teach it."""
        if not self._settings.preset.oracle_steps:
            return ()
        subjects = subjects_of(self.corpus, kind=without_folder(self._settings.corpus.kind))
        ground = Ground(
            settings=self._settings,
            generator_id=self.workshop.generator_id,
            probe=self._lesson_probe,
            subjects=subjects,
        )
        return tuple(lessons(self.groups(), self.corpus.aspects, ground))

    @property
    def _lesson_probe(self) -> Probe:
        probe = self.development_probe
        return Probe(prompts=probe.prompts[:N_PROMPTS], seeds=probe.seeds[:N_PROMPTS])

    @cached_property
    def _learned(self) -> "dict[str, dict[str, Tensor]]":
        return {}

    def _weights(self, probe: str) -> "dict[str, Tensor]":
        if probe not in self._learned:
            self.learn(probe)
        return self._learned[probe]

    def _trained(self, probe: str, since: float) -> "dict[str, Tensor]":
        """Weights of a probe, made once for all processes."""
        from finetune.store.tensors import read_tensors, write_tensors

        identity, make = {
            "certifier": (self.certifier_identity, self._certifier_weights),
            "oracle_probe": (self.probe_identity, self._oracle_weights),
        }[probe]
        store, described = Store(self._settings.store), identity()
        store.since = since

        def fill(folder: Path) -> None:
            write_tensors(folder / "probe.safetensors", {"weights": make()})

        folder = store.get_or_make("probe", digest(described), fill, describe=described)
        return read_tensors(folder / "probe.safetensors")

    @property
    def _development_images(self) -> Pixels:
        probe = self.development_probe
        return self.workshop.images(None, probe.prompts, probe.seeds)

    def _certifier_weights(self) -> "Tensor":
        from torch import from_numpy

        aspects, base = self._certified_aspects, self._development_images[:N_CERTIFYING]
        shifts = known_shifts(base, self.corpus, aspects, pyramid_statistics)
        return from_numpy(fit_certifier(shifts, aspects).weights)

    def _oracle_weights(self) -> "Tensor":
        aspects, look, probe = self.corpus.aspects, embedding(self._encoder), self._lesson_probe
        if not self._lessons:
            shifts = known_shifts(self._development_images, self.corpus, aspects, look)
            return probe_weights(shifts, aspects)
        taught = (
            (self.workshop.images(lesson.variant, probe.prompts, probe.seeds), dict(lesson.strengths))
            for lesson in self._lessons
        )
        base = self.workshop.images(None, probe.prompts, probe.seeds)
        return probe_weights(taught_shifts(base, taught, look), aspects)


def planned(settings: Settings, corpus: Corpus, *, generator_id: str) -> tuple[Group, ...]:
    """The plan of settings on a corpus that is open."""
    subjects = subjects_of(corpus, kind=without_folder(settings.corpus.kind))
    prompts = partial(enough_prompts, corpus, in_halves=not settings.paired)
    return scenarios.plan(settings, generator_id=generator_id, prompts=prompts, subjects=subjects)


class Unasked:
    """A model's place in an explainer that is only built."""

    id = "unasked"

    def ask(self, questions: "Sequence[Question]") -> "tuple[Reply | NoReply, ...]":
        raise InvalidInputError("An explainer must not ask a model before it is shown anything.")


class MeteredVLM:
    """Counts the questions put to a vision-language model and the tokens of its answers."""

    def __init__(self, vlm: "VLM", meter: Meter) -> None:
        self._vlm, self._meter = vlm, meter

    @property
    def id(self) -> str:
        return self._vlm.id

    def ask(self, questions: "Sequence[Question]") -> "tuple[Reply | NoReply, ...]":
        from finexl.interfaces import NoReply, Reply

        limit = self._meter.limit
        with limit.paused() if limit else nullcontext():  # patience with a model has limits of its own
            answers = self._vlm.ask(questions)
        self._meter.n_calls += len(questions)
        replies = [answer for answer in answers if isinstance(answer, Reply)]
        self._meter.n_tokens += sum(reply.n_input_tokens + reply.n_output_tokens for reply in replies)
        for answer in answers:
            if isinstance(answer, NoReply):
                self._meter.miss(f"{answer.reason}: {answer.detail}"[:_REASON_LENGTH])
        return answers


class MeteredEncoder:
    """Counts the texts that an encoder cut for one explainer; encoders that do not say cut none."""

    def __init__(self, encoder: "Encoder", meter: Meter) -> None:
        self._encoder, self._meter = encoder, meter

    @property
    def id(self) -> str:
        return self._encoder.id

    def embed_images(self, images: "Sequence[Image]") -> "Tensor":
        return self._encoder.embed_images(images)

    def embed_texts(self, texts: Sequence[str]) -> "Tensor":
        from finexl.encoders.embedding import CutsTexts

        encoder = self._encoder
        before = encoder.n_truncated if isinstance(encoder, CutsTexts) else 0
        rows = encoder.embed_texts(texts)
        if isinstance(encoder, CutsTexts):
            self._meter.n_cut_texts += encoder.n_truncated - before
        return rows


_LONGEST_EXAMPLE = 80
"""Characters of a text that a notice shows."""


def _tell(prompts: Sequence[str], how: str) -> None:
    if prompts:
        short = dict.fromkeys(cut(prompt, longest=_LONGEST_EXAMPLE) for prompt in prompts)
        notice(Notice(what="generator", how=how, n=len(prompts), examples=tuple(short)[:MAX_EXAMPLES]))


def one_thread() -> None:
    """Compute with one thread, whatever the number of workers: sums are then taken in one order."""
    import torch

    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
