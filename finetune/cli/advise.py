"""`advise`: which shares of a training set bring a model nearer to a wish."""

import argparse
from pathlib import Path

from finetune.cli.command import of_models
from finetune.cli.opening import explainer_of, load
from finetune.cli.parsing import add_encoder, add_model_and_base, check_count, request_of, sampling_of
from finexl.errors import InvalidInputError
from finexl.explain import folding
from finexl.explain.harmless import shown
from finexl.explain.progress import progress

EXAMPLES = """\
  python -m finetune advise lora.safetensors --want 'vivid 2, grainy 1' --shares 'vivid 1, grainy 1' --to advice
  python -m finetune advise --want 'vivid 2, grainy 1' --to advice"""


def main(given: argparse.Namespace) -> None:
    load()
    from finetune.explaining.advice.advising import read_wish

    wish = read_wish(given.want)
    check_count(given.pairs, "--pairs")
    if given.model is None:
        if given.base != "miniature":
            raise InvalidInputError(
                "Trainings for a wish are the miniature's. For another base give the model that you trained, with "
                "--shares or --folders."
            )
        _advise_in_rounds(given, wish)
    else:
        _advise_on_model(given, wish)


def _advise_in_rounds(given: argparse.Namespace, wish: "dict[str, float]") -> None:
    from finetune.explaining.advice.advising import rounds_of, told
    from finetune.explaining.advice.retraining import WHOLE, RetrainingSettings, check_aspects, retrained_in
    from finetune.explaining.explainers import encoder_for
    from finetune.explaining.models import read_base

    check_aspects(wish)
    check_count(given.rounds, "--rounds", least=0)
    base = read_base(given.base, sampling_of(given))
    explain = explainer_of(encoder_for(given.encoder, base), given, words=tuple(wish))
    settings = RetrainingSettings(n_pairs=given.pairs)
    trained = retrained_in(given.to, base=base, explain=explain, settings=settings, progress=progress)
    for done in rounds_of(wish, trained=trained, whole=WHOLE, n_rounds=given.rounds):
        folding.say(told(done))


def _advise_on_model(given: argparse.Namespace, wish: "dict[str, float]") -> None:
    from finetune.explaining.advice.advising import amounts_of, better_shares, pictures_in, read_wish, regret
    from finetune.explaining.arms import arms_of
    from finetune.explaining.explainers import encoder_for
    from finetune.explaining.model_explaining import explained_each
    from finetune.explaining.paired_images import make_images, pairs_of

    if (given.shares is None) == (given.folders is None):
        raise InvalidInputError(
            "Advice needs the shares of the model's training set: either --shares or --folders."
        )
    present = read_wish(given.shares) if given.folders is None else pictures_in(given.folders, wish)
    if set(present) != set(wish):
        raise InvalidInputError(
            f"`--shares` must be of the aspects of --want. Got {sorted(present)!r} and {sorted(wish)!r}."
        )
    request = request_of(given)
    explain = explainer_of(encoder_for(given.encoder, request.base), given, words=tuple(wish))
    arms = {arm.name: arm for arm in arms_of(request, n=given.pairs)}
    tuned = arms.get("model_words", arms["model"])
    with progress("making pictures") as advance:
        make_images([arms["base"], tuned], given.to, first_seed=request.first_seed, tell=advance)
    pairs = pairs_of(given.to, "base", tuned.name, given.pairs, arms["base"].prompts)
    (found,) = explained_each([pairs], explain=explain, progress=progress)
    amounts = amounts_of(found, wish)
    advised = better_shares([(present, amounts)], wish)
    whole = sum(present.values())
    folding.say(f"regret now {regret(amounts, wish):.2f}")
    for name in wish:
        folding.say(
            f"{shown(name)}: shows {amounts[name]:.2f}; share {present[name] / whole:.0%} now, {advised[name]:.0%} next"
        )


def _arguments(command: argparse.ArgumentParser) -> None:
    add_model_and_base(command, model_may_lack=True)
    command.add_argument("--want", required=True, help="as in 'vivid 2, grainy 1'")
    command.add_argument("--shares", help="of the model's training set, as in 'vivid 1, grainy 1'")
    command.add_argument(
        "--folders",
        type=Path,
        help="its training set, a folder of pictures for each aspect, in place of --shares",
    )
    command.add_argument(
        "--rounds",
        type=int,
        default=2,
        help="without MODEL, in the miniature: trainings after the first (%(default)s)",
    )
    command.add_argument("--pairs", type=int, default=24, help="how many (%(default)s)")
    add_encoder(command)


COMMAND = of_models(
    main, "which shares of a training set bring a model nearer to a wish", _arguments, examples=EXAMPLES
)
