"""Early stopping: remembers the best parameters and says when to give up."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.declaration.op import Array
from graph.model.training import EarlyStopping


@dataclass(slots=True)
class Watch:
    """Memory of early stopping: the lowest loss seen and the parameters (P,) that gave it."""

    best: float = math.inf
    best_theta: Array | None = None
    waited: int = 0  # epochs since the loss last fell by ``min_delta``

    def observe(self, loss: float, theta: Array, settings: EarlyStopping) -> bool:
        """Take note of an epoch's loss; return whether to stop.

        Source: L. Prechelt, Early stopping — but when? (1998)
        """
        if loss < self.best - settings.min_delta or self.best_theta is None:
            self.best, self.best_theta, self.waited = loss, theta.copy(), 0
        else:
            self.waited += 1
        return self.waited >= settings.patience
