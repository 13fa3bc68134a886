"""A progress that stops a run as a person does."""


class InterruptAt:
    """Presses Ctrl-C at a step, of what is called `label` if one is given."""

    def __init__(self, step: int, label: str | None = None) -> None:
        self._step, self._label = step, label

    def step(self, done: int, total: int, label: str) -> None:
        del total
        if done == self._step and self._label in (None, label):
            raise KeyboardInterrupt
