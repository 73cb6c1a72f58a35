"""What each optimiser makes of w, its gradient and its memory, as formulas that recombine."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.analysis.explanation.expression import Expression
from engine.training.rules.optimizers import Rprop
from graph.model.training import Training

_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True, slots=True)
class UpdateInputs:
    """What an update of one number is made of.

    Parameters
    ----------
    w, g : Expression
        The number and ∂E/∂w, bounded if training bounds it.
    memory : sequence of float
        What the optimiser remembers of it: `Optimizer.arrays` numbers.
    settings : Training
        The optimiser's constants.
    t : int
        The number of the update, from 1.
    rate : float
        η.
    """

    w: Expression
    g: Expression
    memory: Sequence[float]
    settings: Training
    t: int
    rate: float


def update_formula(terms: UpdateInputs) -> Expression:
    """Return w⁺ by the optimiser of the settings; the definitions are those of its rule."""
    return _FORMULAS[terms.settings.optimizer](terms)


# -- the rules -------------------------------------------------------------------------------------


def _sgd(of: UpdateInputs) -> Expression:
    return _new(of.w, _product(_minus_rate(of), of.g))


def _momentum(of: UpdateInputs) -> Expression:
    return _new(of.w, _product(_minus_rate(of), _velocity(of)))


def _nesterov(of: UpdateInputs) -> Expression:
    ahead = _product(_minus_rate(of), _number("μ", of.settings.momentum), _velocity(of))
    return _new(of.w, _product(_minus_rate(of), of.g), ahead)


def _adagrad(of: UpdateInputs) -> Expression:
    squares = _named("G⁺", _number("G", of.memory[0]), _square(of.g))
    return _new(of.w, _product(_minus_rate(of), of.g, _over_root(squares, of)))


def _rmsprop(of: UpdateInputs) -> Expression:
    squares = _faded("G", of.memory[0], "ρ", of.settings.decay, _square(of.g))
    return _new(of.w, _product(_minus_rate(of), of.g, _over_root(squares, of)))


def _adam(of: UpdateInputs) -> Expression:
    return _new(of.w, _adam_change(of))


def _adamw(of: UpdateInputs) -> Expression:
    kept = _number("(1 − η·λ)", 1 - of.rate * of.settings.weight_decay)
    return _new(_product(kept, of.w), _adam_change(of))


def _adam_change(of: UpdateInputs) -> Expression:
    beta1, beta2 = of.settings.beta1, of.settings.beta2
    mean = _faded("m", of.memory[0], "β₁", beta1, of.g)
    squares = _faded("v", of.memory[1], "β₂", beta2, _square(of.g))
    mean = _corrected("m̂", mean, "β₁", beta1, of.t)
    squares = _corrected("v̂", squares, "β₂", beta2, of.t)
    return _product(_minus_rate(of), mean, _over_root(squares, of))


def _rprop(of: UpdateInputs) -> Expression:
    before = _number("∂E/∂w before", of.memory[0])
    step = _number("Δ", of.memory[1] if of.t > 1 else of.rate)

    def factor(numbers: Sequence[float]) -> float:
        agreement = numbers[0] * numbers[1]
        return Rprop.grow if agreement > 0 else Rprop.shrink if agreement < 0 else 1.0

    def bounded(numbers: Sequence[float]) -> float:
        return min(max(numbers[0] * factor(numbers[1:]), Rprop.smallest), Rprop.largest)

    def sign(numbers: Sequence[float]) -> float:
        turned = factor(numbers) == Rprop.shrink
        return 0.0 if turned else float((numbers[0] > 0) - (numbers[0] < 0))

    length = _function("Δ⁺", bounded, step, of.g, before, is_named=True, opened=(
        f"{Rprop.grow:g}·Δ where ∂E/∂w kept its sign, {Rprop.shrink:g}·Δ where it changed",
    ))  # fmt: skip
    turn = _function("sign(∂E/∂w)", sign, of.g, before)
    return _new(of.w, _product(_number("−1", -1.0), turn, length))


_FORMULAS: Mapping[str, Callable[[UpdateInputs], Expression]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
    "rprop": _rprop,
}

# -- their parts -----------------------------------------------------------------------------------


def _velocity(of: UpdateInputs) -> Expression:
    kept = _product(_number("μ", of.settings.momentum), _number("v", of.memory[0]))
    return _named("v⁺", kept, of.g)


def _faded(name: str, memory: float, letter: str, share: float, new: Expression) -> Expression:
    """Return a running mean: share·memory + (1 − share)·new."""
    kept = _product(_number(letter, share), _number(name, memory))
    added = _product(_number(f"(1 − {letter})", 1 - share), new)
    return _named(f"{name}⁺", kept, added)


def _corrected(name: str, mean: Expression, letter: str, share: float, t: int) -> Expression:
    """Return a running mean that began at zero, corrected for that: Adam's m̂ and v̂."""
    factor = _number(
        f"1/(1 − {letter}ᵗ)", 1 / (1 - share**t), opened=(f"1/(1 − {share:g}{_raised(t)})",)
    )
    return _product(factor, mean, name=name)


def _over_root(squares: Expression, of: UpdateInputs) -> Expression:
    epsilon = of.settings.epsilon

    def function(numbers: Sequence[float]) -> float:
        return 1 / (math.sqrt(numbers[0]) + epsilon)

    opened = (f"1/(√{squares.symbol} + {_small(epsilon)})",)
    return _function(f"1/(√{squares.symbol} + ε)", function, squares, opened=opened)


def _square(g: Expression) -> Expression:
    return _function(f"({g.symbol})²", lambda numbers: numbers[0] ** 2, g)


def _raised(exponent: int) -> str:
    return str(exponent).translate(_RAISED)


def _small(number: float) -> str:
    """Return a constant as it is written on a blackboard: 1·10⁻⁸."""
    digits, _, exponent = f"{number:g}".partition("e")
    return f"{digits}·10{_raised(int(exponent))}" if exponent else digits


def _minus_rate(of: UpdateInputs) -> Expression:
    return _number("−η", -of.rate)


def _number(symbol: str, value: float, opened: tuple[str, ...] = ()) -> Expression:
    return Expression("value", float(value), symbol, opened=opened)


def _product(*factors: Expression, name: str = "") -> Expression:
    value = math.prod(factor.value for factor in factors)
    symbol = name or "·".join(factor.symbol for factor in factors)
    return Expression("product", value, symbol, terms=factors, is_named=bool(name))


def _named(name: str, *terms: Expression) -> Expression:
    value = math.fsum(term.value for term in terms)
    return Expression("sum", value, name, terms=terms, is_named=True)


def _function(
    symbol: str,
    function: Callable[[Sequence[float]], float],
    *terms: Expression,
    opened: tuple[str, ...] = (),
    is_named: bool = False,
) -> Expression:
    value = float(function([term.value for term in terms]))
    return Expression(
        "function", value, symbol, terms=terms, function=function, opened=opened, is_named=is_named
    )


def _new(*terms: Expression) -> Expression:
    return Expression("sum", math.fsum(term.value for term in terms), "w⁺", terms=terms)
