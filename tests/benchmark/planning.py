"""Plans of the miniature's corpora without stores or weights."""

from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings
from benchmark.plan.scenarios import plan
from benchmark.plan.subjects import Subjects, subjects_of
from benchmark.plan.trials import Group
from finetune.corpora.portraits import PortraitCorpus
from finetune.corpora.style_transfer import StyleTransferCorpus
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.corpora.wikiart import WikiArtCorpus

CORPORA = {
    "synthetic": SyntheticCorpus(),
    "style_transfer": StyleTransferCorpus(),
    "wikiart": WikiArtCorpus(),
    "portraits": PortraitCorpus(),
}
SYNTHETIC: Subjects = subjects_of(CORPORA["synthetic"], kind="synthetic")


def prompts(n: int, seed: int) -> tuple[str, ...]:
    return tuple(f"prompt {seed}-{index}" for index in range(n))


def planned(*words: str) -> tuple[Group, ...]:
    return planned_with(load_settings(words))


def planned_with(settings: Settings) -> tuple[Group, ...]:
    kind = settings.corpus.name
    subjects = subjects_of(CORPORA[kind], kind=kind)
    return plan(settings, generator_id="g", prompts=prompts, subjects=subjects)
