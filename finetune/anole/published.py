"""The published files of Anole, as parts of a generator's folder.

The language model is not converted here: its transformers folder, `ChameleonForConditionalGeneration`, goes beside
them as `language_model/`.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from finetune.anole.layout import TOKENIZER, VQGAN, AnoleConfig, write_config
from finetune.anole.vqgan import from_released
from finetune.convert import read_published


def convert_anole(files: Mapping[str, Path], folder: Path) -> None:
    """Write `vqgan/` and `config.json`, and `tokenizer/` if its file is given."""
    from_released(read_published(files["vqgan"])).save_pretrained(folder / VQGAN)
    write_config(folder, AnoleConfig())
    if "text_tokenizer" in files:
        (folder / TOKENIZER).mkdir(exist_ok=True)
        shutil.copyfile(files["text_tokenizer"], folder / TOKENIZER / "tokenizer.json")
