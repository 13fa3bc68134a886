"""`python -m baselines`: train and use explainers that caption differences, and convert their published files."""

import argparse
import os
import shlex
import sys
from pathlib import Path

from baselines.shipped import KINDS, PAIRS
from finexl.errors import FinexlError, InvalidInputError
from finexl.explain.consoles import leave
from finexl.explain.folding import FoldedHelp, say
from finexl.extras import told_if_missing
from finexl.paths import plain_paths
from finexl.pictures import UnreadableImageError, read_picture

EXAMPLES = f"""examples:
  python -m baselines train chg2cap --pairs {PAIRS}:rendered --to models/chg2cap
  python -m baselines train diff_caption --backbone models/chg2cap --pairs my_pairs/ --to models/diff_caption
  python -m baselines evaluate models/chg2cap --pairs {PAIRS}:held_out
  python -m baselines caption models/chg2cap base.png personalized.png
  python -m baselines convert chg2cap --to models/levir checkpoint=LEVIR_CC.pth vocabulary=vocab.json

--pairs is a folder with pairs.jsonl, each line {{"base": file, "personalized": file, "caption": text}}, or a function
package.module:function. A training that was stopped continues with the same command, and one that is over with more
--steps or --minutes; with other pairs, another size, seed or backbone, another training begins.
"""
SIZES = ("miniature", "small", "published", "birds")


def main(words: list[str] | None = None) -> int:
    """Run one sub-command; returns the exit code."""
    given = _parser().parse_args(words)
    try:
        with plain_paths():
            given.run(given)
        return 0
    except FinexlError as error:
        say(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("Interrupted. What was saved is kept: the same command continues.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m baselines",
        description="Train and use explainers that caption differences, and convert their published files.",
        epilog=EXAMPLES,
        formatter_class=FoldedHelp,
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_train(commands)
    evaluate = commands.add_parser("evaluate", help="how often a captioner names the right aspect and degree")
    evaluate.add_argument("folder", type=Path, help="the captioner")
    evaluate.add_argument("--pairs", required=True, help="a folder, or package.module:function")
    evaluate.add_argument("--show", type=int, default=0, help="captions to print beside the true ones")
    evaluate.set_defaults(run=_evaluate)
    caption = commands.add_parser("caption", help="one sentence on how two images differ")
    caption.add_argument("folder", type=Path, help="the captioner")
    caption.add_argument("images", type=Path, nargs=2, metavar="image", help="base and personalized image")
    caption.set_defaults(run=_caption)
    convert = commands.add_parser("convert", help="published .pth and .pt files to a folder of safetensors")
    convert.add_argument("kind", help=" or ".join(KINDS))
    convert.add_argument("files", nargs="+", metavar="name=path", help="what the model consists of, by name")
    convert.add_argument("--to", type=Path, required=True, help="the folder to make")
    convert.add_argument(
        "--data", help="levir or dubai: what a chg2cap was trained on (default: by its captions)"
    )
    convert.set_defaults(run=_convert)
    return parser


def _add_train(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    train = commands.add_parser("train", help="train a captioner of differences; resumable")
    train.add_argument("kind", choices=KINDS, help="which")
    train.add_argument("--pairs", required=True, help="a folder, or package.module:function")
    train.add_argument("--to", type=Path, required=True, help="the folder to make")
    train.add_argument("--size", choices=SIZES, default="miniature", help="how large (%(default)s)")
    train.add_argument(
        "--backbone", type=Path, help="weights to start from; diff_caption cuts regions with it"
    )
    train.add_argument(
        "--state",
        type=Path,
        default=Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "finexl", "baselines"),
        help="folder for what trainings continue from (%(default)s)",
    )
    train.add_argument("--steps", type=int, help="training steps, of all stages together")
    train.add_argument("--minutes", type=float, help="stop after this many minutes, all stages together")
    train.add_argument("--seed", type=int, help="of weights, batches and dropout")
    train.add_argument("--device", default="cpu", help="where (%(default)s)")
    train.add_argument("--threads", type=int, default=os.cpu_count(), help="CPU threads (%(default)s)")
    train.set_defaults(run=_train)


def _train(given: argparse.Namespace) -> None:
    import torch

    from baselines.captioning.cards import write_card
    from baselines.captioning.making import Request, read_backbone
    from baselines.captioning.model_folder import write_model
    from baselines.captioning.pairs import open_pairs
    from baselines.chg2cap.stage import make_chg2cap
    from baselines.diff_caption.stages import make_diff_caption

    if given.kind == "chg2cap" and given.size == "birds":
        raise InvalidInputError(
            "`size` birds is one of diff_caption's. chg2cap has miniature, small and published."
        )
    torch.set_num_threads(given.threads)
    request = Request(
        size=given.size,
        pairs=open_pairs(given.pairs),
        source=given.pairs,
        folder=given.to,
        state=given.state,
        command=_command(given),
        backbone=read_backbone(given.backbone) if given.backbone else None,
        device=given.device,
        steps=given.steps,
        minutes=given.minutes,
        seed=given.seed,
    )
    made = {"chg2cap": make_chg2cap, "diff_caption": make_diff_caption}[given.kind](request)
    write_model(
        given.to, given.kind, sizes=made.architecture, preprocessing=made.preprocessing,
        vocabulary=made.vocabulary, weights=made.network.state_dict(),
    )  # fmt: skip
    write_card(made, request)
    say(f"wrote {given.to}")


def _command(given: argparse.Namespace) -> str:
    """What repeats a training: every option, the defaults too, but where its state was."""
    names = ("pairs", "to", "size", "backbone", "steps", "minutes", "seed", "device", "threads")
    told = {name: str(getattr(given, name)) for name in names if getattr(given, name) is not None}
    options = [word for name, value in told.items() for word in (f"--{name}", value)]
    return shlex.join(["python", "-m", "baselines", "train", given.kind, *options])


def _evaluate(given: argparse.Namespace) -> None:
    from baselines.captioners import load_captioner
    from baselines.captioning.cards import add_measures, measures
    from baselines.captioning.evaluation import evaluate
    from baselines.captioning.pairs import open_pairs

    pairs = open_pairs(given.pairs)
    evaluation, said = evaluate(load_captioner(given.folder), pairs)
    for true, told in list(zip(pairs.captions, said, strict=True))[: given.show]:
        say(f"{'=' if true == told else ' '} {true}  |  {told}")
    add_measures(given.folder, evaluation, given.pairs)
    say(measures(evaluation, given.pairs).strip())


def _caption(given: argparse.Namespace) -> None:
    from baselines.captioners import load_captioner

    missing = [str(path) for path in given.images if not path.is_file()]
    if missing:
        raise InvalidInputError(f"`image` must be a file. None is at {', '.join(missing)}.")
    images = []
    for path in given.images:
        try:
            images.append(read_picture(path))
        except UnreadableImageError as reason:
            raise InvalidInputError(
                f"`image` must be a file of an image. {str(path)!r} is none: {reason}."
            ) from reason
    say("\n".join(load_captioner(given.folder).caption(images[:1], images[1:])))


def _convert(given: argparse.Namespace) -> None:
    from baselines.convert import convert

    pairs = [word.partition("=") for word in given.files]
    convert(given.kind, {name: Path(path) for name, _, path in pairs}, folder=given.to, data=given.data)
    say(f"wrote {given.to}")


if __name__ == "__main__":
    leave(told_if_missing(main, program="python -m baselines"))
