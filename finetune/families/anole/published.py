"""The published files of Anole (GAIR/Anole-7b-v0.1), as a generator's folder.

| name | file of the release | becomes |
|---|---|---|
| `vqgan` | `tokenizer/vqgan.ckpt` | `vqgan/` |
| `text_tokenizer` | `tokenizer/text_tokenizer.json` | `tokenizer/` |
| `language_model`, with `params` | `models/7b/consolidated.pth` and `params.json` | `language_model/` |

Only `vqgan` is needed to convert, all four to generate. Where somebody has already made a transformers folder,
`ChameleonForConditionalGeneration` in safetensors, it can be put at `language_model/` instead.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from finetune.families.anole.config import VQGAN, AnoleConfig, write_config
from finetune.families.anole.layout import LANGUAGE_MODEL, ORIGINS, TOKENIZER
from finetune.families.anole.released_model import convert_language_model
from finetune.families.anole.vqgan import from_released
from finetune.families.convert import ConversionError, read_published
from finexl.notices import Notice, notice


def convert_anole(files: Mapping[str, Path], folder: Path) -> None:
    """Write `vqgan/` and `config.json`, and `tokenizer/` and `language_model/` if their files are given."""
    beside = ("params", "text_tokenizer")
    if "params" in files and "language_model" not in files:
        raise ConversionError("`params` must come with `language_model`. Got it alone.")
    if "language_model" in files and not set(beside) <= set(files):
        raise ConversionError(
            "`language_model` must come with `params` (models/7b/params.json) and `text_tokenizer`. "
            f"Missing: {', '.join(name for name in beside if name not in files)}."
        )
    vq = from_released(read_published(files["vqgan"]))
    vq.save_pretrained(folder / VQGAN)
    write_config(folder, AnoleConfig())
    if "text_tokenizer" in files:
        (folder / TOKENIZER).mkdir(exist_ok=True)
        shutil.copyfile(files["text_tokenizer"], folder / TOKENIZER / "tokenizer.json")
    if "language_model" in files:
        convert_language_model(files, vq, folder / LANGUAGE_MODEL)
    for part in (TOKENIZER, LANGUAGE_MODEL):
        if not (folder / part).is_dir():
            how = f"has no {part}/ yet, which it needs to generate. {ORIGINS[part]}"
            notice(Notice(what=str(folder), how=how))
