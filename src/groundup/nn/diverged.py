"""What ends a training that came to nothing."""

from typing import Self


class DivergedError(RuntimeError):
    """Training diverged: loss, validation loss or parameters stopped being finite numbers.

    ``epoch`` says when: how many epochs came before it.
    """

    epoch = 0

    @classmethod
    def during(cls, epoch: int, optimizer, what: str, step: int | None = None) -> Self:
        """An error that says when it was, after so many epochs and steps, and what to try."""
        when = f"epoch {epoch + 1}" if step is None else f"epoch {epoch + 1}, step {step + 1}"
        error = cls(
            f"training diverged in {when}: {what}; try a learning rate below {optimizer.rate()}, or "
            "scale the inputs (model.history keeps the epochs before)"
        )
        error.epoch = epoch
        return error
