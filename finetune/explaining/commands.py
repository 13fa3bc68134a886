"""The commands of people who have a model, and the check of what their cards say."""

import argparse
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finexl.explain.harmless import shown

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    from rich.progress import Progress, TaskID

    from finetune.explaining.arms import Request
    from finetune.explaining.cards import Strengths
    from finetune.explaining.strength_sweep import Explained, SweepSettings

_LONGEST = 4000
"""Characters of a line that quotes paths."""


OPTIONS = {
    "encoder": "--encoder",
    "encoder.folder": "--encoder",
    "vlm": "--vlm",
    "generator": "--base",
    "generator.folder": "--base",
    "generator.device": "--device",
}
"""Options by the settings that errors call them."""
_EXAMPLES = {
    "inspect": ("lora.safetensors", "lora.safetensors --base miniature"),
    "images": (
        "lora.safetensors --to pictures",
        "lora.safetensors@0.5 --base models/sd15 --to pictures --pairs 48",
    ),
    "explain": (
        "lora.safetensors --to card",
        "lora.safetensors --to card --sweep levels --embed told.safetensors",
        "lora.safetensors --base models/sd15 --to card --trigger zxc --device cuda",
    ),
    "sweep": (
        "lora.safetensors --to levels --strengths 0.5,1",
        "lora.safetensors --to levels --strengths 0:1.4:0.2 --target vivid",
        "training --to levels --watch 600",
    ),
    "compare": (
        "a.safetensors b.safetensors --to both",
        "a.safetensors b.safetensors --to both --at-equal-effect",
    ),
    "advise": (
        "lora.safetensors --want 'vivid 2, grainy 1' --shares 'vivid 1, grainy 1' --to advice",
        "--want 'vivid 2, grainy 1' --to advice",
    ),
    "check-cards": ("--store cards --page docs/adapters.md",),
    "check-advice": ("--store advice --page docs/adapters.md",),
}
"""Below the help of each command."""


def add_commands(commands: "Commands") -> None:
    """Add them to the parser of `python -m finetune`."""
    _add_inspect(commands)
    _add_images(commands)
    _add_explain(commands)
    _add_sweep(commands)
    _add_compare(commands)
    _add_advise(commands)
    _add_checks(commands)


def _command(commands: "Commands", name: str, what: str) -> argparse.ArgumentParser:
    examples = "\n".join(f"  python -m finetune {name} {words}" for words in _EXAMPLES[name])
    return commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"examples:\n{examples}\n\nMore: docs/adapters.md",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_inspect(commands: "Commands") -> None:
    inspect = _command(commands, "inspect", "what an adapter's file is, without loading a base model")
    inspect.add_argument("file", type=Path, help="a safetensors file, or a folder with one")
    inspect.add_argument(
        "--base", type=Path, help="miniature, or a diffusers folder: count the layers that it has"
    )
    inspect.add_argument("--json", action="store_true", help="as JSON")
    inspect.set_defaults(run=_inspect)


def _add_images(commands: "Commands") -> None:
    images = _command(
        commands, "images", "pictures of a model and its base, same prompts and noise; resumable"
    )
    _add_model_and_base(images)
    images.add_argument("--pairs", type=int, default=32, help="how many (%(default)s)")
    images.set_defaults(run=_images)


def _add_explain(commands: "Commands") -> None:
    explain = _command(
        commands,
        "explain",
        "from a model file to what it does, what its trigger does, and what leaks without it",
    )
    _add_model_and_base(explain)
    explain.add_argument(
        "--most-pairs", type=int, default=64, help="cap; fewer if they settle it (%(default)s)"
    )
    _add_encoder(explain)
    _add_vlm(explain)
    explain.add_argument("--sweep", type=Path, help="the folder of a sweep: its strengths go onto the card")
    explain.add_argument(
        "--embed", type=Path, help="a copy of the model's file to write, with the card in it"
    )
    explain.set_defaults(run=_explain)


def _add_sweep(commands: "Commands") -> None:
    sweep = _command(commands, "sweep", "an adapter at several strengths, or every checkpoint of a training")
    _add_model_and_base(sweep)
    sweep.add_argument("--strengths", default="0:1.4:0.2", help="START:END:STEP or a list (%(default)s)")
    sweep.add_argument(
        "--target", help="the aspect that is wanted (default: the strongest that any level shows)"
    )
    sweep.add_argument("--most-drift", type=float, default=0.2, help="of a usable level (%(default)s)")
    sweep.add_argument(
        "--seeds",
        type=int,
        default=1,
        help="draws of prompts and noise, to see how levels vary (%(default)s)",
    )
    sweep.add_argument("--pairs", type=int, default=24, help="of each level and seed (%(default)s)")
    _add_encoder(sweep)
    _add_vlm(sweep)
    sweep.add_argument(
        "--watch", type=float, metavar="SECONDS", help="MODEL is a folder that a trainer writes into: explain each "
        "new checkpoint, and end when there was none for so long",
    )  # fmt: skip
    _add_page(sweep)
    sweep.set_defaults(run=_sweep)


def _add_compare(commands: "Commands") -> None:
    compare = _command(commands, "compare", "two models of one base, same prompts and noise")
    _add_model_and_base(compare)
    compare.add_argument("other", help="the second model, B; MODEL is A")
    compare.add_argument(
        "--other-trigger", default="stated", help="the same as --trigger for B (%(default)s)"
    )
    compare.add_argument("--pairs", type=int, default=32, help="how many (%(default)s)")
    compare.add_argument(
        "--at-equal-effect", action="store_true", help="first find the strength of B that shows as much as A"
    )
    compare.add_argument("--target", help="of what (default: the strongest change that both show)")
    compare.add_argument(
        "--strengths",
        default="0.4:1.3:0.3",
        help="of B to look between: START:END:STEP or a list (%(default)s)",
    )
    _add_encoder(compare)
    _add_vlm(compare)
    _add_page(compare)
    compare.set_defaults(run=_compare)


def _add_advise(commands: "Commands") -> None:
    advise = _command(commands, "advise", "which shares of a training set bring a model nearer to a wish")
    _add_model_and_base(advise, model_may_lack=True)
    advise.add_argument("--want", required=True, help="as in 'vivid 2, grainy 1'")
    advise.add_argument("--shares", help="of the model's training set, as in 'vivid 1, grainy 1'")
    advise.add_argument(
        "--folders",
        type=Path,
        help="its training set, a folder of pictures for each aspect, in place of --shares",
    )
    advise.add_argument(
        "--rounds",
        type=int,
        default=2,
        help="without MODEL, in the miniature: trainings after the first (%(default)s)",
    )
    advise.add_argument("--pairs", type=int, default=24, help="how many (%(default)s)")
    _add_encoder(advise)
    advise.set_defaults(run=_advise)


def _add_checks(commands: "Commands") -> None:
    cards = _command(
        commands, "check-cards", "what cards say of adapters of which it is known what they do; resumable"
    )
    cards.add_argument("--adapters", type=int, default=30, help="how many of each kind (%(default)s)")
    cards.set_defaults(run=_check_cards)
    advice = _command(
        commands, "check-advice", "how near rounds of advice come to wishes, in the miniature; resumable"
    )
    advice.add_argument("--wishes", type=int, default=20, help="how many (%(default)s)")
    advice.add_argument("--rounds", type=int, default=2, help="of advice for each (%(default)s)")
    advice.set_defaults(run=_check_advice)
    for check in (cards, advice):
        check.add_argument("--store", type=Path, required=True, help="the folder to make, or to continue")
        _add_page(check)


def _add_page(command: argparse.ArgumentParser) -> None:
    command.add_argument("--page", type=Path, help="a page of text to write what was found into")


def _add_encoder(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--encoder",
        default="auto",
        help="auto (the miniature's for its own models, else clip), clip, clip-b32, or a folder (%(default)s)",
    )


def _add_vlm(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--vlm",
        default="auto",
        help="who is asked for more words: auto (the miniature's captioner for its own models, else nobody), none, "
        "miniature, or MODEL@URL of a chat-completions endpoint with its key in OPENAI_API_KEY; settings go with it, "
        "as in vlm.record=replies.jsonl (%(default)s)",
    )


def _add_model_and_base(command: argparse.ArgumentParser, *, model_may_lack: bool = False) -> None:
    command.add_argument(
        "model",
        nargs="?" if model_may_lack else None,
        help="lora.safetensors[@WEIGHT], a level of a training, an edit direction, or a diffusers folder",
    )
    command.add_argument(
        "--base",
        default="miniature",
        help="miniature, a name such as sd15, or a diffusers folder (%(default)s)",
    )
    command.add_argument("--to", type=Path, required=True, help="the folder to make, or to continue")
    command.add_argument(
        "--prompts", help="neutral, world, portraits, or a .txt, .json or .parquet file (default: world for the "
        "miniature, else neutral)",
    )  # fmt: skip
    command.add_argument(
        "--trigger", default="stated", help="words that make the model show itself, put before prompts or where "
        "{prompt} stands in them; stated = what the file's maker states, none = no words (%(default)s)",
    )  # fmt: skip
    command.add_argument("--seed", type=int, default=0, help="draws other prompts and noise (%(default)s)")
    command.add_argument("--steps", type=int, help="sampling steps (default: 12 in the miniature, else 50)")
    command.add_argument(
        "--guidance", type=float, help="weight of the prompt (default: 1, none, in the miniature, else 7.5)"
    )
    command.add_argument(
        "--batch", type=int, help="images sampled together (default: 16 in the miniature, else 4)"
    )
    command.add_argument("--device", default="cpu", help="cpu or cuda (%(default)s)")


def _request(given: argparse.Namespace) -> "Request":
    from finetune.explaining.arms import read_request
    from finetune.explaining.models import Sampling

    return read_request(
        given.model, given.base, words=given.trigger, prompts_from=given.prompts, seed=given.seed,
        sampling=Sampling(steps=given.steps, guidance=given.guidance, batch_size=given.batch, device=given.device),
    )  # fmt: skip


def _bar(bars: "Progress") -> Callable[[int, int, str], None]:
    """Tells a bar for each model."""
    tasks: dict[str, TaskID] = {}

    def tell(done: int, total: int, name: str) -> None:
        if name not in tasks:
            tasks[name] = bars.add_task(name, total=total)
        bars.update(tasks[name], completed=done, total=total)

    return tell


def _images(given: argparse.Namespace) -> None:
    from rich.progress import Progress

    from finetune.explaining.arms import arms_of
    from finetune.explaining.paired_images import make_images

    request = _request(given)
    arms = arms_of(request, n=given.pairs)
    with Progress(transient=True) as bars:
        make_images(arms, given.to, first_seed=request.first_seed, tell=_bar(bars))
    folders = " ".join(shlex.quote(str(given.to / arm.name)) for arm in arms)
    print(shown(f"wrote {folders}", longest=_LONGEST))
    print(shown(f"explain them with: python -m finexl explain {folders}", longest=_LONGEST))


def _explain(given: argparse.Namespace) -> None:
    from rich.progress import Progress

    from finetune.explaining.card_in_file import check_copy, write_with_card
    from finetune.explaining.cards import Card, description, write_card
    from finetune.explaining.explainers import CommandExplainer, encoder_for
    from finetune.explaining.model_explaining import RESULT, cost, explain_model, told

    request = _request(given)
    source = None if given.embed is None else check_copy(request.model, given.embed)
    strengths = None if given.sweep is None else _strengths(given.sweep)
    encoder = encoder_for(given.encoder, request.base)
    print(shown(cost(request, given.to, most_pairs=given.most_pairs), longest=_LONGEST))
    if request.words is not None:
        print(f"words that make it show itself: {shown(request.words)}")
    with Progress(transient=True) as bars:
        answers = explain_model(
            request,
            given.to,
            explain=CommandExplainer(encoder, vlm=given.vlm, device=given.device),
            most_pairs=given.most_pairs,
            tell=_bar(bars),
        )
    print(told(answers))
    card = Card(request=request, base=given.base, answers=answers, strengths=strengths)
    written = [given.to / RESULT, *write_card(card, given.to)]
    if source is not None and given.embed is not None:
        block = (given.to / RESULT).read_text(encoding="ascii")
        write_with_card(source, given.embed, text=description(card), block=block)
        written.append(given.embed)
    print(shown(f"wrote {' '.join(shlex.quote(str(path)) for path in written)}", longest=_LONGEST))


def _strengths(folder: Path) -> "Strengths":
    from finetune.explaining.strength_sweep import RESULT, read_strengths

    return read_strengths(folder / RESULT)


def _sweep(given: argparse.Namespace) -> None:
    from rich.progress import Progress

    from finetune.explaining.explainers import CommandExplainer, encoder_for
    from finetune.explaining.strength_sweep import checkpoints_in, levels_of, run_sweep, strengths_of

    if given.watch is not None:
        _watch(given)
        return
    strengths, checkpoints = strengths_of(given.strengths), checkpoints_in(Path(given.model).expanduser())
    if checkpoints:  # any of them says which kind they are
        given.model, word = str(checkpoints[-1]), given.model
    else:
        word = given.model
    request = _request(given)
    settings = _sweep_settings(given)
    levels = levels_of(request, word, strengths)
    print(
        f"{len(levels) + 1} times {given.pairs * given.seeds} pictures, {request.base.settings.n_sampling_steps} "
        "steps each"
    )
    explain = CommandExplainer(encoder_for(given.encoder, request.base), vlm=given.vlm, device=given.device)
    with Progress(transient=True) as bars:
        explained = run_sweep(request, levels, given.to, explain=explain, settings=settings, tell=_bar(bars))
    _finish_sweep(given, explained, settings)


def _watch(given: argparse.Namespace) -> None:
    from finetune.explaining.explainers import CommandExplainer, encoder_for
    from finetune.explaining.models import read_model
    from finetune.explaining.new_checkpoints import new_checkpoints
    from finetune.explaining.strength_sweep import Explained, Level, run_sweep
    from finexl.errors import InvalidInputError
    from finexl.explain.wording import headline

    settings = _sweep_settings(given)
    explained: list[Explained] = []
    request = explain = None
    for file in new_checkpoints(Path(given.model).expanduser(), patience_s=given.watch):
        if request is None or explain is None:
            given.model = str(file)
            request = _request(given)
            explain = CommandExplainer(
                encoder_for(given.encoder, request.base), vlm=given.vlm, device=given.device
            )
        level = Level(label=file.stem, model=read_model(str(file), request.base))
        explained += run_sweep(
            request, [level], given.to, explain=explain, settings=settings, tell=lambda *_: None
        )
        print(f"{shown(file.stem)}: {headline(explained[-1].explanation)}", flush=True)
    if not explained:
        raise InvalidInputError(f"No checkpoint came within {given.watch:g} seconds.")
    _finish_sweep(given, explained, settings)


def _sweep_settings(given: argparse.Namespace) -> "SweepSettings":
    from finetune.explaining.strength_sweep import SweepSettings

    return SweepSettings(
        n_pairs=given.pairs, n_seeds=given.seeds, target=given.target, most_drift=given.most_drift
    )


def _finish_sweep(
    given: argparse.Namespace, explained: "Sequence[Explained]", settings: "SweepSettings"
) -> None:
    from finetune.explaining.strength_sweep import RESULT, summarised, told, write_sweep
    from finetune.explaining.sweep_picture import PICTURE, sweep_picture

    sweep = summarised(explained, target=settings.target, most_drift=settings.most_drift)
    write_sweep(given.to / RESULT, sweep, settings)
    sweep_picture(sweep, given.to).save(given.to / PICTURE)
    _tell(given, "sweep", "\n".join(told(sweep, most_drift=settings.most_drift)))
    print(shown(f"wrote {given.to / RESULT} {given.to / PICTURE}", longest=_LONGEST))


def _tell(given: argparse.Namespace, name: str, text: str) -> None:
    """Print what was found, and write it into the page that was asked for."""
    print(text)
    if given.page is not None:
        from finetune.explaining.card_checks import write_table

        write_table(given.page, name, f"```text\n{text}\n```")


def _compare(given: argparse.Namespace) -> None:
    from rich.progress import Progress

    from finetune.explaining.comparison import RESULT, EqualEffect, compare, told
    from finetune.explaining.explainers import CommandExplainer, encoder_for
    from finetune.explaining.strength_sweep import strengths_of
    from finexl.explain.terminal import plain_card

    equal = None
    if given.at_equal_effect:
        equal = EqualEffect(target=given.target, strengths=strengths_of(given.strengths))
    a = _request(given)
    given.model, given.trigger = given.other, given.other_trigger
    b = _request(given)
    explain = CommandExplainer(encoder_for(given.encoder, a.base), vlm=given.vlm, device=given.device)
    with Progress(transient=True) as bars:
        found = compare(a, b, given.to, explain=explain, n_pairs=given.pairs, equal=equal, tell=_bar(bars))
    _tell(given, "compare", told(found, card=plain_card))
    print(shown(f"wrote {given.to / RESULT}", longest=_LONGEST))


def _advise(given: argparse.Namespace) -> None:
    from finetune.explaining.advising import read_wish
    from finexl.errors import InvalidInputError

    wish = read_wish(given.want)
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
    from finetune.explaining.advising import rounds_of, told
    from finetune.explaining.explainers import CommandExplainer, encoder_for
    from finetune.explaining.models import Sampling, read_base
    from finetune.explaining.retraining import WHOLE, RetrainingSettings, check_aspects, retrained_in

    check_aspects(wish)
    base = read_base(given.base, Sampling())
    explain = CommandExplainer(encoder_for(given.encoder, base), words=tuple(wish))
    trained = retrained_in(
        given.to, base=base, explain=explain, settings=RetrainingSettings(n_pairs=given.pairs)
    )
    for done in rounds_of(wish, trained=trained, whole=WHOLE, n_rounds=given.rounds):
        print(told(done), flush=True)


def _advise_on_model(given: argparse.Namespace, wish: "dict[str, float]") -> None:
    from rich.progress import Progress

    from finetune.explaining.advising import amounts_of, better_shares, pictures_in, read_wish, regret
    from finetune.explaining.arms import arms_of
    from finetune.explaining.explainers import CommandExplainer, encoder_for
    from finetune.explaining.paired_images import make_images, pairs_of
    from finexl.errors import InvalidInputError

    if (given.shares is None) == (given.folders is None):
        raise InvalidInputError(
            "Advice needs the shares of the model's training set: either --shares or --folders."
        )
    present = read_wish(given.shares) if given.folders is None else pictures_in(given.folders, wish)
    if set(present) != set(wish):
        raise InvalidInputError(
            f"`--shares` must be of the aspects of --want. Got {sorted(present)!r} and {sorted(wish)!r}."
        )
    request = _request(given)
    explain = CommandExplainer(
        encoder_for(given.encoder, request.base), words=tuple(wish), device=given.device
    )
    arms = {arm.name: arm for arm in arms_of(request, n=given.pairs)}
    tuned = arms.get("model_words", arms["model"])
    with Progress(transient=True) as bars:
        make_images([arms["base"], tuned], given.to, first_seed=request.first_seed, tell=_bar(bars))
    found = explain(pairs_of(given.to, "base", tuned.name, given.pairs, arms["base"].prompts))
    amounts = amounts_of(found, wish)
    advised = better_shares([(present, amounts)], wish)
    whole = sum(present.values())
    print(f"regret now {regret(amounts, wish):.2f}")
    for name in wish:
        print(
            f"{shown(name)}: shows {amounts[name]:.2f}; share {present[name] / whole:.0%} now, {advised[name]:.0%} next"
        )


def _check_cards(given: argparse.Namespace) -> None:
    from finetune.explaining.card_checks import CheckSettings, check_cards, table, write_table

    _check_count(given.adapters, "--adapters")
    found = []
    for one in check_cards(given.store, CheckSettings(n=given.adapters)):
        found.append(one)
        print(
            f"{one.aspect}: {one.first or 'no claim'}; without effect: {one.nothing}; leaking: {one.leaking.told()}; "
            f"clean: {one.clean.told()}",
            flush=True,
        )
        if given.page is not None:  # a killed command leaves the table of what it did
            write_table(given.page, "check-cards", table(found))
    print(table(found))


def _check_advice(given: argparse.Namespace) -> None:
    from finetune.explaining.advice_checks import check_advice, table
    from finetune.explaining.card_checks import write_table

    _check_count(given.wishes, "--wishes")
    found = []
    for one in check_advice(given.store, n_wishes=given.wishes, n_rounds=given.rounds):
        found.append(one)
        print(
            f"{', '.join(one.wish)}: regret {', '.join(f'{value:.2f}' for value in one.regrets)}", flush=True
        )
        if given.page is not None:
            write_table(given.page, "check-advice", table(found))
    print(table(found))


def _check_count(n: int, option: str) -> None:
    from finexl.errors import InvalidInputError

    if n < 1:
        raise InvalidInputError(f"`{option}` must be at least 1. Got {n}.")


def _inspect(given: argparse.Namespace) -> None:
    from finetune.explaining.inspection import as_json, inspect_file, told

    base: Path | None = given.base
    if base is not None and base == Path("miniature") and not base.exists():
        from finetune.miniature.models import pipeline_folder

        base = pipeline_folder()
    inspection = inspect_file(given.file, base=base)
    print(as_json(inspection) if given.json else told(inspection))
