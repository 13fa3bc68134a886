"""What of an adapter is not as its maker may have meant it, by its file alone.

It is told of the file, and so by every run that uses it, also where its images were stored by another.
"""

from finetune.families.diffusion.adapter_facts import AdapterFacts, Configuration
from finetune.families.diffusion.adapter_names import place_of
from finetune.store.tensor_headers import read_numbers
from finexl.notices import Notice


def adapter_notices(facts: AdapterFacts, *, scale: float) -> list[Notice]:
    """What is to be told of an adapter that is merged `scale` times."""
    what, told = f"adapter {facts.path.name}", list[Notice]()
    if reason := without_effect(facts, scale=scale):
        told.append(Notice(what=what, how=f"leaves the base generator as it is: {reason}"))
    if n := without_alpha(facts):
        how = "layers whose alpha is taken to be their rank, since nothing says it"
        if stated := facts.metadata.get("ss_network_alpha", "").strip():
            how = f"layers whose alpha is taken to be their rank, since only the trainer's notes say it ({stated[:20]})"
        told.append(Notice(what=what, how=how, n=n))
    return told


def without_effect(facts: AdapterFacts, *, scale: float) -> str | None:
    """Why an adapter leaves every base as it is; None where it does not."""
    if scale == 0:
        return "its scale is 0"

    def is_zero(key: str) -> bool:
        stored = facts.header.tensors[key]
        if stored.dtype.startswith("F8"):  # a zero has no bit but that of its sign
            with facts.path.open("rb") as file:
                file.seek(stored.start)
                return not any(byte & 0x7F for byte in file.read(stored.end - stored.start))
        return not read_numbers(facts.path, stored).any()

    changes = (layer.factor and not is_zero(layer.up) and not is_zero(layer.down) for layer in facts.layers)
    return None if any(changes) else "all its products are zero"


def without_alpha(facts: AdapterFacts) -> int:
    """Layers of which neither the file nor its configuration says alpha."""
    entries = Configuration.read(facts.path, facts.header).entries
    places = filter(None, map(place_of, facts.header.tensors))
    stated = {(place.part, place.layer) for place in places if place.side == "alpha"}
    return sum(
        (layer.part, layer.layer) not in stated
        and entries.get(f"{layer.part}.lora_alpha", entries.get("lora_alpha")) is None
        for layer in facts.layers
    )
