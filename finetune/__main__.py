"""`python -m finetune`: make the miniature's models again, and look at its world and its base generator."""

import argparse
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from finetune.explaining.commands import OPTIONS, add_commands
from finetune.families.convert import CONVERSIONS
from finetune.family_facts import FAMILIES
from finexl.errors import FinexlError
from finexl.explain.harmless import shown
from finexl.explain.spelling import parsed
from finexl.extras import told_if_missing

EXAMPLES = """examples:
  python -m finetune sheet docs/aspects.png        every aspect at four strengths, composites, scenes, portraits
  python -m finetune prompts docs/prompts.png      32 prompts through the base generator, and its caption matching
  python -m finetune pretrain encoder              train the encoder again (resumes; Ctrl-C is safe)
  python -m finetune pretrain diffusion --minutes 10
  python -m finetune captioners                    how well the three captioners name styles
  python -m finetune prompts gan.png --generator controlgan
  python -m finetune bench                         our training step and sampler beside plain loops
  python -m finetune style-study                   FineStyle, LoRA and full fine-tuning from one reference image
  python -m finetune convert anole --to models/anole vqgan=vqgan.ckpt text_tokenizer=text_tokenizer.json \\
      language_model=consolidated.pth params=params.json
  python -m finetune direction models/noiseclr '<t1>' --to mustache.safetensors --name mustache
  python -m finetune inspect lora.safetensors --base models/sd15   what a file is, before anything is loaded
  python -m finetune explain lora.safetensors --to card --embed told.safetensors   what a file does, as a card
  python -m finetune compare a.safetensors b.safetensors --to both --at-equal-effect
  python -m finetune survival docs/survival.png    what survives of every style from the renderer to the encoder
  python -m finetune relatives docs/relatives.png  which styles look alike by the renderer; writes the shipped table
  python -m finetune calibrate                     divergence ladders of the development aspects by learning rate
"""
MODELS = (
    "encoder", "encoder_vit", "encoder_eva", "encoder_align", "diffusion", "captioner", "captioner_medium",
    "captioner_small", "controlgan", "anole", "portraits", "versions",
)  # fmt: skip

_LONGEST = 4000
"""Characters of a line of an error message."""


def main(words: list[str] | None = None) -> int:
    """Run one sub-command; returns the exit code."""
    words = sys.argv[1:] if words is None else words
    given = parsed(_parser(), words, options=OPTIONS if words[:1] != ["convert"] else {})
    try:
        return int(given.run(given) or 0)
    except FinexlError as error:
        # line by line: a message may quote a stranger's file
        print("\n".join(shown(line, longest=_LONGEST) for line in str(error).split("\n")), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. What was saved is kept: the same command continues.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m finetune", description=__doc__, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="command")
    sheet = commands.add_parser("sheet", help="a contact sheet of every aspect of the miniature world")
    sheet.add_argument("path", type=Path, help="the PNG to write")
    sheet.set_defaults(run=_sheet)
    prompts = commands.add_parser(
        "prompts", help="32 prompts through the base generator, and its caption matching"
    )
    prompts.add_argument("path", type=Path, help="the PNG to write")
    prompts.add_argument("--generator", choices=FAMILIES, default="diffusion", help="which (%(default)s)")
    prompts.set_defaults(run=_prompts)
    pretrain = commands.add_parser("pretrain", help="train one of the miniature's models again; resumable")
    pretrain.add_argument("name", choices=MODELS, help="which model")
    pretrain.add_argument(
        "--state",
        type=Path,
        default=_cache() / "pretraining",
        help="folder of unfinished runs (%(default)s)",
    )
    pretrain.add_argument("--minutes", type=float, help="stop each training after this many minutes")
    pretrain.add_argument("--threads", type=int, default=os.cpu_count(), help="CPU threads (%(default)s)")
    pretrain.add_argument("--start", type=Path, help="diffusion: go on from an earlier pipeline's folder")
    pretrain.set_defaults(run=_pretrain)
    _add_measurements(commands)
    _add_conversions(commands)
    world = commands.add_parser(
        "world", help="make again what `finexl explain` ships of the miniature: words, looks, an example"
    )
    world.set_defaults(run=_world)
    grounded = commands.add_parser(
        "ground", help="ask the base generator for every style word, for the vectors that ship; resumable"
    )
    grounded.add_argument(
        "--store", type=Path, default=_cache() / "ground", help="folder of its images (%(default)s)"
    )
    grounded.set_defaults(run=_ground)
    add_commands(commands)
    return parser


def _cache() -> Path:
    """Where what is slow to make is kept between commands (XDG)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "finexl"


def _add_measurements(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    calibrate = commands.add_parser(
        "calibrate", help="divergence ladders of development aspects by learning rate"
    )
    calibrate.add_argument(
        "--rates", type=float, nargs="+", default=[1e-5, 2e-5, 4e-5], help="learning rates to try"
    )
    calibrate.add_argument("--aspects", nargs="+", help="development aspects (default: all)")
    calibrate.add_argument("--generator", choices=FAMILIES, default="diffusion", help="which (%(default)s)")
    calibrate.add_argument("--method", default="full", help="full, lora or finestyle (%(default)s)")
    calibrate.add_argument(
        "--ema-decay",
        type=float,
        help="of the average that a level keeps; 0 = none (default: the generator's)",
    )
    calibrate.add_argument(
        "--pairs", action="store_true", help="how much halves of pairs show of the whole, instead"
    )
    calibrate.add_argument(
        "--weights", action="store_true", help="how much adapters of a pair show at parts of their weight"
    )
    calibrate.set_defaults(run=_calibrate)
    bench = commands.add_parser("bench", help="our training step and sampler beside plain loops")
    bench.set_defaults(run=_bench)
    captioners = commands.add_parser("captioners", help="how well the captioners name styles")
    captioners.set_defaults(run=_captioners)
    survival = commands.add_parser(
        "survival", help="what survives of each style: rank and cosine of its own name at five stations"
    )
    survival.add_argument("path", type=Path, help="the PNG to write")
    survival.add_argument(
        "--stations", nargs="+", help="rendered autoencoded named trained half (default: all)"
    )
    survival.add_argument("--styles", nargs="+", help="aspects and composite styles (default: all)")
    survival.add_argument("--strengths", type=float, nargs="+", help="in 0..1 (default: 0.25 0.5 1)")
    survival.add_argument(
        "--store",
        type=Path,
        default=_cache() / "survival",
        help="folder of trained models (%(default)s)",
    )
    survival.set_defaults(run=_survival)
    relatives = commands.add_parser(
        "relatives", help="which styles look alike by the renderer: the shipped table, and its picture"
    )
    relatives.add_argument("path", type=Path, help="the PNG to write")
    relatives.set_defaults(run=_relatives)
    study = commands.add_parser("style-study", help="FineStyle beside LoRA from one reference image")
    study.set_defaults(run=_style_study)


def _add_conversions(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    convert = commands.add_parser(
        "convert", help="published .pth and .ckpt files to a folder of safetensors",
        epilog="\n".join(conversion.told(kind) for kind, conversion in CONVERSIONS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    convert.add_argument("kind", help=" or ".join(CONVERSIONS))
    convert.add_argument("files", nargs="+", metavar="name=path", help="what the model consists of, by name")
    convert.add_argument("--to", type=Path, required=True, help="the folder to make")
    convert.set_defaults(run=_convert)
    direction = commands.add_parser(
        "direction", help="a published edit direction, a pseudo-word of a pipeline, to a file",
        description="NoiseCLR publishes pipelines whose tokenizer has one added word per direction: <t1>, <t2>, ... "
        "They have no names: look at images of each. The file is used by scenario=subject: "
        "generator.directions.mustache.file=FILE generator.directions.mustache.top_scale=SCALE.",
    )  # fmt: skip
    direction.add_argument(
        "folder", type=Path, help="the pipeline: its `tokenizer` and `text_encoder` are read"
    )
    direction.add_argument("word", help="the pseudo-word, as '<t1>' (quote it)")
    direction.add_argument("--to", type=Path, required=True, help="the safetensors file to write")
    direction.add_argument("--name", help="what it does, as mustache (default: the word)")
    direction.set_defaults(run=_direction)


def _sheet(given: argparse.Namespace) -> None:
    from finetune.studies.contact_sheet import contact_sheet
    from finetune.studies.prompt_grid import save

    save(contact_sheet(), given.path)
    print(f"wrote {given.path}")


def _prompts(given: argparse.Namespace) -> None:
    from finetune.studies.loading import base_generator, encoder
    from finetune.studies.prompt_grid import caption_matching, prompt_grid, save

    with TemporaryDirectory() as store:
        generator = base_generator(given.generator, store=Path(store))
        save(prompt_grid(generator), given.path)
        matching = caption_matching(generator, encoder())
    print(f"wrote {given.path}")
    print(f"own caption nearest of {matching.n} (chance {matching.chance:.1%}):")
    print(f"  generated images {matching.generated:.1%}   real renderings {matching.rendered:.1%}")


def _pretrain(given: argparse.Namespace) -> None:
    import torch

    from finetune.pretraining.commands import pretrain

    torch.set_num_threads(given.threads)
    published = pretrain(given.name, state=given.state, minutes=given.minutes, start=given.start)
    print((published / "CARD.md").read_text(encoding="utf-8"))
    print(f"published {published}")


def _calibrate(given: argparse.Namespace) -> None:
    from finetune.studies.calibration import calibrate, calibrate_pairs, calibrate_weights
    from finetune.studies.loading import generator_settings

    rates, settings = tuple(given.rates), generator_settings(given.generator, method=given.method)
    usual = FAMILIES[given.generator].miniature_ema_decay
    settings = replace(settings, ema_decay=usual if given.ema_decay is None else given.ema_decay)
    if given.pairs or given.weights:
        _print_each((calibrate_weights if given.weights else calibrate_pairs)(rates, settings))
    else:
        _print_each(calibrate(rates, settings, given.aspects or ()))


def _bench(given: argparse.Namespace) -> None:
    from finetune.studies.speed import bench

    del given
    _print_each(bench())


def _captioners(given: argparse.Namespace) -> None:
    from finetune.miniature.models import CAPTIONERS, captioner_folder
    from finetune.studies.captioner_quality import measured

    del given
    _print_each(f"{name}: {measured(captioner_folder(name)).told()}" for name in CAPTIONERS)


def _convert(given: argparse.Namespace) -> None:
    from finetune.families.convert import convert

    pairs = [word.partition("=") for word in given.files]
    convert(given.kind, {name: Path(path) for name, _, path in pairs}, folder=given.to)
    print(f"wrote {given.to}")


def _direction(given: argparse.Namespace) -> None:
    from finetune.families.diffusion.latent_editing import pseudo_word_direction, write_direction

    direction = pseudo_word_direction(given.folder, given.word)
    write_direction(given.to, replace(direction, name=given.name or direction.name))
    print(f"wrote {given.to}")


def _survival(given: argparse.Namespace) -> None:
    from rich.progress import track

    from finetune.miniature.examples import STYLES
    from finetune.studies.loading import encoder, generator_settings
    from finetune.studies.prompt_grid import save
    from finetune.studies.survival import STATIONS, STRENGTHS, SurvivalStudy, picture, told

    stations, styles = given.stations or tuple(STATIONS), given.styles or STYLES
    strengths = given.strengths or STRENGTHS
    settings = replace(generator_settings(), ema_decay=FAMILIES["diffusion"].miniature_ema_decay)
    study = SurvivalStudy(generator=settings, encoder=encoder(), store=given.store)
    total = len(stations) * len(styles) * len(strengths)
    findings = list(track(study.findings(stations, styles, strengths), "styles", total=total))
    print(told(findings))
    save(picture(findings), given.path)
    print(f"wrote {given.path}")


def _relatives(given: argparse.Namespace) -> None:
    from finetune.miniature.relatives import FILE
    from finetune.studies.prompt_grid import save
    from finetune.studies.relatives import effect_cosines, picture, told, write_table

    cosines = effect_cosines()
    print(told(cosines))
    write_table(FILE, cosines)
    save(picture(cosines), given.path)
    print(f"wrote {FILE} and {given.path}")


def _world(given: argparse.Namespace) -> None:
    from finetune.explaining.shipped_world import write_all

    del given
    _print_each(write_all())


def _ground(given: argparse.Namespace) -> None:
    from finetune.explaining.shipped_grounding import write_groundings

    _print_each(write_groundings(given.store))


def _style_study(given: argparse.Namespace) -> None:
    from finetune.studies.style_study import style_study

    del given
    _print_each(style_study())


def _print_each(lines: Iterable[str]) -> None:
    """Print lines as they come: most take minutes."""
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(told_if_missing(main, program="python -m finetune"))
