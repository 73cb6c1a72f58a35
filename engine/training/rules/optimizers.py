"""First-order optimisers on the flat parameter vector.

Each keeps state arrays shaped like θ and changes θ in place. The definitions are PyTorch's
(``torch.optim``, defaults otherwise as given), so trajectories agree to rounding. L-BFGS, which
needs more than one gradient for an update, is in ``engine.training.rules.lbfgs``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from engine.declaration.op import Array
from graph.model.training import Training


class Optimizer:
    """An update rule with its memory.

    Parameters
    ----------
    settings : Training
        Where the rule's constants come from (momentum, β₁, β₂, decay, ε, weight decay).
    size : int
        Length of θ.
    dtype : numpy dtype
        Type of θ and of the state.

    Attributes
    ----------
    count : int
        Updates made so far.
    state : tuple of arrays
        The rule's memory, each array (size,).
    """

    arrays: ClassVar[int] = 0

    def __init__(self, settings: Training, size: int, dtype: np.dtype[Any]) -> None:
        self.settings = settings
        self.count = 0
        self.state: tuple[Array, ...] = tuple(np.zeros(size, dtype) for _ in range(self.arrays))
        self._scratch = np.empty(size, dtype)

    def update(self, theta: Array, gradient: Array, rate: float) -> None:
        """Make one update of ``theta`` (size,) in place; ``gradient`` is left as it is."""
        self.count += 1
        self._update(theta, gradient, rate)

    def snapshot(self) -> tuple[Array, ...]:
        """Return a copy of ``state``."""
        return tuple(array.copy() for array in self.state)

    def restore(self, count: int, state: tuple[Array, ...]) -> None:
        """Continue from an earlier ``count`` and `snapshot`."""
        self.count = count
        for mine, theirs in zip(self.state, state, strict=True):
            mine[:] = theirs

    def _update(self, theta: Array, gradient: Array, rate: float) -> None:
        raise NotImplementedError

    def _scaled(self, array: Array, factor: float) -> Array:
        """Return ``factor·array`` in the scratch array, so that updates allocate nothing."""
        return np.multiply(array, factor, out=self._scratch)


class Sgd(Optimizer):
    """Gradient descent: θ ← θ − η g.

    Source: A. Cauchy, Méthode générale pour la résolution des systèmes d'équations simultanées
    (1847).
    """

    def _update(self, theta: Array, gradient: Array, rate: float) -> None:
        theta -= self._scaled(gradient, rate)


class Momentum(Optimizer):
    """Heavy ball: v ← μ v + g, θ ← θ − η v.

    Source: B. Polyak, Some methods of speeding up the convergence of iteration methods (1964).
    """

    arrays = 1

    def _update(self, theta: Array, gradient: Array, rate: float) -> None:
        (velocity,) = self.state
        velocity *= self.settings.momentum
        velocity += gradient
        theta -= self._scaled(velocity, rate)


class Nesterov(Optimizer):
    """Momentum that looks ahead: v ← μ v + g, θ ← θ − η (g + μ v).

    Source: I. Sutskever, J. Martens, G. Dahl, G. Hinton, On the importance of initialization and
    momentum in deep learning (2013), in PyTorch's form.
    """

    arrays = 1

    def _update(self, theta: Array, gradient: Array, rate: float) -> None:
        (velocity,) = self.state
        velocity *= self.settings.momentum
        velocity += gradient
        theta -= self._scaled(gradient, rate)
        theta -= self._scaled(velocity, rate * self.settings.momentum)


class Adagrad(Optimizer):
    """A rate for each parameter: G ← G + g², θ ← θ − η g / (√G + ε).

    Source: J. Duchi, E. Hazan, Y. Singer, Adaptive subgradient methods (2011).
    """

    arrays = 1

    def _update(self, theta: Array, gradient: Array, rate: float) -> None:
        (squares,) = self.state
        squares += np.multiply(gradient, gradient, out=self._scratch)
        _descend(theta, gradient, squares, rate, self.settings.epsilon, self._scratch)


class RmsProp(Optimizer):
    """A forgetting Adagrad: G ← ρ G + (1 − ρ) g², θ ← θ − η g / (√G + ε); ρ is ``decay``.

    Source: T. Tieleman, G. Hinton, Neural networks for machine learning, lecture 6.5 (2012).
    """

    arrays = 1

    def _update(self, theta: Array, gradient: Array, rate: float) -> None:
        (squares,) = self.state
        decay = self.settings.decay
        squares *= decay
        term = np.multiply(gradient, gradient, out=self._scratch)
        term *= 1 - decay
        squares += term
        _descend(theta, gradient, squares, rate, self.settings.epsilon, self._scratch)


class Adam(Optimizer):
    """Momentum and a rate for each parameter, both corrected for starting at zero.

    m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
    θ ← θ − η · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε).

    Source: D. Kingma, J. Ba, Adam: a method for stochastic optimization (2015), algorithm 1.
    """

    arrays = 2

    def _update(self, theta: Array, gradient: Array, rate: float) -> None:
        mean, squares = self.state
        beta1, beta2 = self.settings.beta1, self.settings.beta2
        mean *= beta1
        mean += self._scaled(gradient, 1 - beta1)
        squares *= beta2
        term = np.multiply(gradient, gradient, out=self._scratch)
        term *= 1 - beta2
        squares += term
        root = np.sqrt(squares, out=self._scratch)
        root /= float(np.sqrt(1 - beta2**self.count))
        root += self.settings.epsilon
        step = np.divide(mean, root, out=root)
        step *= rate / (1 - beta1**self.count)
        theta -= step


class AdamW(Adam):
    """Adam with weight decay apart from the gradient: θ ← (1 − η λ) θ first, then Adam's update.

    λ is ``weight_decay`` and, as in PyTorch, shrinks biases too.

    Source: I. Loshchilov, F. Hutter, Decoupled weight decay regularization (2019), algorithm 2.
    """

    def _update(self, theta: Array, gradient: Array, rate: float) -> None:
        theta *= 1 - rate * self.settings.weight_decay
        super()._update(theta, gradient, rate)


class Rprop(Optimizer):
    """Only the signs of the gradient count, for full batches.

    Each parameter has its own step Δ, η at first: × 1.2 where the gradient kept its sign, × 0.5
    where it changed (and that update is left out), kept within 10⁻⁶ … 50; θ ← θ − sign(g) Δ.

    Source: M. Riedmiller, H. Braun, A direct adaptive method for faster backpropagation learning:
    the RPROP algorithm (1993); the variant without backtracking, as in PyTorch.
    """

    arrays = 2
    shrink, grow = 0.5, 1.2
    smallest, largest = 1e-6, 50.0

    def _update(self, theta: Array, gradient: Array, rate: float) -> None:
        before, steps = self.state
        if self.count == 1:
            steps[:] = rate
        agreement = np.multiply(gradient, before, out=self._scratch)
        turned = agreement < 0
        steps[agreement > 0] *= self.grow
        steps[turned] *= self.shrink
        np.clip(steps, self.smallest, self.largest, out=steps)
        before[:] = gradient
        before[turned] = 0
        theta -= np.multiply(np.sign(before), steps, out=self._scratch)


def clipped(gradient: Array, norm: float, settings: Training) -> Array:
    """Bound a gradient of Euclidean norm ``norm``: by ``clip_norm``, then each component.

    Source: R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural
    networks (2013), algorithm 1.
    """
    bound, limit = settings.clip_norm, settings.clip_value
    if bound is not None and norm > bound:
        gradient = gradient * (bound / norm)
    return gradient if limit is None else np.clip(gradient, -limit, limit)


def _descend(
    theta: Array, gradient: Array, squares: Array, rate: float, epsilon: float, scratch: Array
) -> None:
    """θ ← θ − η g / (√squares + ε)."""
    root = np.sqrt(squares, out=scratch)
    root += epsilon
    step = np.divide(gradient, root, out=root)
    step *= rate
    theta -= step


OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    "sgd": Sgd,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": Adagrad,
    "rmsprop": RmsProp,
    "adam": Adam,
    "adamw": AdamW,
    "rprop": Rprop,
}
"""The rules by their names in ``Training.optimizer``."""
