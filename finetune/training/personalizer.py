"""What every family trains: a Lightning module that says what a level keeps and what the next step depends on."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

import torch
from lightning.pytorch import LightningModule
from torch import Tensor

from finetune.store.tensors import in_half
from finexl.errors import InvalidInputError

_LEARNED, _COMPANION, _AVERAGE, _OPTIMIZER = "learned", "companion", "average", "optimizer"


class Personalizer(LightningModule, ABC):
    """A module in training. Subclasses add `training_step`, which returns the loss that is reported."""

    def __init__(self, *, learning_rate: float, ema_decay: float = 0.0) -> None:
        super().__init__()
        self.learning_rate = learning_rate
        self._decay = ema_decay
        self._average: dict[str, Tensor] = {}
        self._moments: dict[str, Tensor] = {}

    @abstractmethod
    def learned(self) -> dict[str, Tensor]:
        """The live tensors, parameters and buffers, that a kept level consists of."""

    def companions(self) -> dict[str, Tensor]:
        """Further live tensors that the next step depends on, such as a discriminator's."""
        return {}

    def configure_optimizers(self) -> torch.optim.Optimizer | list[torch.optim.Optimizer]:
        """Adam over all that is learned (paper §5)."""
        learned = [tensor for tensor in self.learned().values() if tensor.requires_grad]
        return torch.optim.Adam(learned, lr=self.learning_rate)

    def kept(self) -> dict[str, Tensor]:
        """What a level keeps: copies, in half precision where they are floats; averages if there are any."""
        live = self.learned() | self._average
        return {name: in_half(tensor.detach().clone()) for name, tensor in live.items()}

    @torch.no_grad()
    def note_step(self) -> None:
        """After each full step: move the average, if one is kept."""
        if not self._decay:
            return
        live = {name: tensor for name, tensor in self.learned().items() if tensor.requires_grad}
        if not self._average:
            self._average = {name: tensor.detach().clone() for name, tensor in live.items()}
            return
        for name, average in self._average.items():
            average.lerp_(live[name], 1 - self._decay)

    def state(self) -> dict[str, Tensor]:
        """Everything that the next step depends on, under flat names."""
        state = self._live() | {f"{_AVERAGE}/{name}": tensor for name, tensor in self._average.items()}
        for index, optimizer in enumerate(self._optimizers()):
            for name, parameter in self.named_parameters():
                for slot, tensor in optimizer.state.get(parameter, {}).items():
                    state[f"{_OPTIMIZER}/{index}/{slot}/{name}"] = tensor
        return state

    @torch.no_grad()
    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Continue from a `state`; the optimizers' part is taken over when training starts.

        Raises:
            InvalidInputError: The state is that of another module.
        """
        live = self._live()
        others = {name for name in state if name.startswith((f"{_AVERAGE}/", f"{_OPTIMIZER}/"))}
        strange = sorted(set(live) ^ (set(state) - others))
        if strange:
            raise InvalidInputError(
                "A saved state must have the tensors of the module that continues from it. "
                f"Different: {', '.join(strange[:5])}. Remove it to train from the base model."
            )
        for name, tensor in live.items():
            tensor.copy_(state[name])
        prefix = f"{_AVERAGE}/"
        self._average = {name.removeprefix(prefix): state[name] for name in state if name.startswith(prefix)}
        self._moments = {name: state[name] for name in state if name.startswith(f"{_OPTIMIZER}/")}

    def on_train_start(self) -> None:
        """Give the optimizers the moments of the run that continues."""
        parameters = dict(self.named_parameters())
        optimizers = list(self._optimizers())
        for full_name, tensor in self._moments.items():
            _, index, slot, name = full_name.split("/", 3)
            parameter = parameters[name]
            placed = tensor if slot == "step" else tensor.to(parameter.device)
            optimizers[int(index)].state[parameter][slot] = placed.clone()
        self._moments = {}
        self._average = {name: tensor.to(self.device) for name, tensor in self._average.items()}

    def _live(self) -> dict[str, Tensor]:
        """What is learned and its companions, under the names that they have in a state."""
        live = {f"{_LEARNED}/{name}": tensor for name, tensor in self.learned().items()}
        return live | {f"{_COMPANION}/{name}": tensor for name, tensor in self.companions().items()}

    def _optimizers(self) -> Iterator[torch.optim.Optimizer]:
        optimizers = self.optimizers(use_pl_optimizer=False)
        for optimizer in optimizers if isinstance(optimizers, list) else [optimizers]:
            assert isinstance(optimizer, torch.optim.Optimizer)
            yield optimizer
