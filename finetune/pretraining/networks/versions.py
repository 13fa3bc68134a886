"""The miniature's other checkpoints (§6.4), as adapters of the base generator: one per tilt of the data."""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false
# The libraries' annotations are narrower than what their classes take and return.

import shutil
from pathlib import Path

from torch import nn

from finetune.families.diffusion.adapter_files import write_adapter
from finetune.families.diffusion.adapters import AdapterLayout, LowRank, adapter_of, adapter_tensors, inject
from finetune.families.diffusion.personalizer import load_pipeline
from finetune.miniature.examples import Examples, plain_examples
from finetune.miniature.models import pipeline_folder
from finetune.miniature.versions import VERSIONS, Tilt
from finetune.pretraining.loop import LoopSettings, train
from finetune.pretraining.networks.diffusion import Denoiser, denoising_loss, encode, tokenise

SETTINGS = LoopSettings(
    steps=150,
    learning_rate=1e-3,
    warmup_steps=20,
    average_decay=0.98,
    weight_decay=0.0,
    max_minutes=60.0,
    seed=61,
)
N_SCENES = 3000
LAYOUT = AdapterLayout(
    targets=("to_q", "to_k", "to_v", "to_out.0", "conv1", "conv2", "conv_in", "conv_out"), rank=4
)


def pretrain_versions(folder: Path, *, settings: LoopSettings = SETTINGS) -> nn.Module:
    """Train every version on the same scenes, captions and noise; saves to `folder/model`."""
    examples = plain_examples(N_SCENES, seed=settings.seed)
    target = folder / "model"
    target.mkdir(parents=True, exist_ok=True)
    trained = nn.ModuleDict(
        {
            name: _version(
                folder / name, tilt, examples, settings=settings, file=target / f"{name}.safetensors"
            )
            for name, tilt in VERSIONS.items()
        }
    )
    shutil.copy(folder / next(reversed(VERSIONS)) / "state.json", folder / "state.json")
    return trained


def _version(
    folder: Path, tilt: Tilt, examples: Examples, *, settings: LoopSettings, file: Path
) -> nn.ModuleList:
    pipeline = load_pipeline(pipeline_folder())
    tilted = Examples(images=tilt.applied(examples.images, settings.seed), captions=examples.captions)
    inject(pipeline.unet, LAYOUT, seed=settings.seed)
    loss_of_step = denoising_loss(
        Denoiser(pipeline.unet, pipeline.text_encoder),
        encode(pipeline.vae, tilted),
        tokenise(pipeline.tokenizer, ["", *tilted.captions]),
        scheduler=pipeline.scheduler,
    )
    adapters = nn.ModuleList(
        module for name, module in pipeline.unet.named_modules() if name.endswith((".lora_A", ".lora_B"))
    )
    train(adapters, loss_of_step, settings=settings, folder=folder)
    pairs = adapter_of(adapter_tensors(pipeline.unet))
    write_adapter(file, {layer: LowRank(p.down.half(), p.up.half(), 1.0) for layer, p in pairs.items()})
    return adapters
