"""How each operation is written in NumPy: one row a kind, its value and its messages.

In a row's texts ``{x}``, ``{a}``, ``{prediction}`` … are the values at the ports, ``{z}`` the
output, ``{d}`` its δ, ``{n}`` the width of the first input, ``{over}`` sum or mean over the
components and ``{each}`` what each component gets of δ; parameters and trainable slots go by
their names. A kind without a row cannot be exported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class SourceNames:
    """What one step is called in the source that is being written.

    Parameters
    ----------
    inputs, widths : tuple
        Expression and width of each input.
    d : str
        Expression of δ; empty while values are written.
    words : mapping
        Everything else a text may mention.
    """

    inputs: tuple[str, ...]
    widths: tuple[int, ...]
    d: str
    words: Mapping[str, str]


ValueSource: TypeAlias = str | Callable[[SourceNames], str]
MessageSource: TypeAlias = tuple[str, ...] | Callable[[SourceNames], list[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One kind: its value, one message for each input, one gradient for each trainable slot.

    ``repeats`` says that inputs of width 1 are repeated to the width of the output.
    """

    value: ValueSource
    messages: MessageSource = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    repeats: bool = False


def write(text: ValueSource, names: SourceNames) -> str:
    """Fill in a row's text."""
    return text(names) if callable(text) else text.format_map({**names.words, "d": names.d})


def write_messages(row: Row, names: SourceNames, width: int) -> list[str]:
    """Return the expression of the message to each input; none if no gradient passes."""
    if callable(row.messages):
        texts = row.messages(names)
    else:
        texts = [write(text, names) for text in row.messages]
    if not row.repeats:
        return texts
    return [
        f"({text}).sum(axis=1, keepdims=True)" if one == 1 < width else text
        for text, one in zip(texts, names.widths, strict=True)
    ]


def _joined(sign: str) -> Callable[[SourceNames], str]:
    return lambda names: f" {sign} ".join(names.inputs)


def _others(names: SourceNames) -> list[str]:
    """Return δ times all inputs but one, for each: no division, so zeros are safe."""
    xs = names.inputs
    return [" * ".join((names.d, *xs[:i], *xs[i + 1 :])) for i in range(len(xs))]


def _parts(names: SourceNames) -> list[str]:
    ends = [sum(names.widths[: i + 1]) for i in range(len(names.widths))]
    starts = [0, *ends]
    return [f"{names.d}[:, {a}:{b}]" for a, b in zip(starts, ends, strict=False)]


def _power(names: SourceNames) -> list[str]:
    if float(names.words["exponent"]) == 0:  # 0 · x⁻¹ is no number at 0
        return [write("np.zeros_like({x})", names)]
    return [write("{d} * {exponent} * {x} ** ({exponent} - 1)", names)]


def _loss(terms: str, prediction: str, target: str = "") -> Row:
    """Return a loss from its terms and their derivatives; by the target it is minus as default."""
    message = f"{{each}} * {prediction}"
    return Row(
        f"({terms}).{{over}}(axis=1, keepdims=True)",
        (message, f"{{each}} * {target}" if target else f"-{message}"),
    )


_SELU_SCALE, _SELU_ALPHA = "1.0507009873554805", "1.6732632423543772"
_DIFFERENCE = "({prediction} - {target})"

ROWS: Mapping[str, Row] = {
    "input": Row("{columns}"),
    "target": Row("{columns}"),
    "constant": Row("np.tile({value}, (rows, 1))"),
    "bias": Row("np.tile({bias}, (rows, 1))", (), {"bias": "{d}.sum(axis=0)"}),
    "weight": Row("{x} @ {weight}.T", ("{d} @ {weight}",), {"weight": "{d}.T @ {x}"}),
    "sum": Row(_joined("+"), lambda names: [names.d] * len(names.inputs), repeats=True),
    "product": Row(_joined("*"), _others, repeats=True),
    "subtract": Row("{a} - {b}", ("{d}", "-{d}"), repeats=True),
    "divide": Row("{a} / {b}", ("{d} / {b}", "-{d} * {z} / {b}"), repeats=True),
    "power": Row("{x} ** {exponent}", _power),
    "scale": Row("{factor} * {x} + {offset}", ("{factor} * {d}",)),
    "mean": Row("{x}.mean(axis=1, keepdims=True)", ("np.repeat({d} / {n}, {n}, axis=1)",)),
    "dot": Row("({a} * {b}).sum(axis=1, keepdims=True)", ("{d} * {b}", "{d} * {a}")),
    "concat": Row(lambda names: f"np.hstack([{', '.join(names.inputs)}])", _parts),
    "slice": Row("{x}[:, {start}:{stop}]", ("part_message({d}, {x}, {start}, {stop})",)),
    "identity": Row("{x}", ("{d}",)),
    "sigmoid": Row("sigmoid({x})", ("{d} * {z} * sigmoid(-{x})",)),
    "hard_sigmoid": Row("np.clip({x} / 6 + 0.5, 0, 1)", ("{d} * (np.abs({x}) < 3) / 6",)),
    "tanh": Row("np.tanh({x})", ("{d} * sech_squared({x})",)),
    "relu": Row("np.maximum({x}, 0)", ("{d} * ({x} > 0)",)),
    "leaky_relu": Row(
        "np.where({x} > 0, {x}, {slope} * {x})", ("np.where({x} > 0, {d}, {slope} * {d})",)
    ),
    "elu": Row(
        "np.where({x} > 0, {x}, {alpha} * np.expm1(np.minimum({x}, 0)))",
        ("{d} * np.where({x} > 0, 1, {alpha} * np.exp(np.minimum({x}, 0)))",),
    ),
    "selu": Row(
        f"{_SELU_SCALE} * np.where({{x}} > 0, {{x}}, "
        f"{_SELU_ALPHA} * np.expm1(np.minimum({{x}}, 0)))",
        (
            f"{{d}} * {_SELU_SCALE} * np.where({{x}} > 0, 1, "
            f"{_SELU_ALPHA} * np.exp(np.minimum({{x}}, 0)))",
        ),
    ),
    "gelu": Row(
        "{x} * normal_cdf({x})",
        ("{d} * (normal_cdf({x}) + {x} * np.exp(-({x}**2) / 2) / math.sqrt(2 * math.pi))",),
    ),
    "gelu tanh": Row(
        "{x} * gelu_gate({x})", ("{d} * (gelu_gate({x}) + {x} * gelu_gate_slope({x}))",)
    ),
    "silu": Row("{x} * sigmoid({x})", ("{d} * sigmoid({x}) * (1 + {x} * sigmoid(-{x}))",)),
    "mish": Row(
        "{x} * np.tanh(np.logaddexp(0, {x}))",
        (
            "{d} * (np.tanh(np.logaddexp(0, {x}))"
            " + {x} * sigmoid({x}) * sech_squared(np.logaddexp(0, {x})))",
        ),
    ),
    "softplus": Row("np.logaddexp(0, {x})", ("{d} * sigmoid({x})",)),
    "softsign": Row("{x} / (1 + np.abs({x}))", ("{d} / (1 + np.abs({x})) ** 2",)),
    "step": Row("({x} > 0).astype(float)"),
    "exp": Row("np.exp({x})", ("{d} * {z}",)),
    "log": Row("np.log({x})", ("{d} / {x}",)),
    "sqrt": Row("np.sqrt({x})", ("{d} / (2 * {z})",)),
    "square": Row("{x} ** 2", ("2 * {d} * {x}",)),
    "abs": Row("np.abs({x})", ("{d} * np.sign({x})",)),
    "sin": Row("np.sin({x})", ("{d} * np.cos({x})",)),
    "softmax": Row("softmax({x})", ("{z} * ({d} - ({d} * {z}).sum(axis=1, keepdims=True))",)),
    "log_softmax": Row("log_softmax({x})", ("{d} - np.exp({z}) * {d}.sum(axis=1, keepdims=True)",)),
    "dropout": Row("{x}", ("{d}",)),
    "layer_norm": Row(
        "{gain} * normalised({x}, {epsilon}) + {shift}",
        ("normalised_message({d} * {gain}, {x}, {epsilon})",),
        {"gain": "({d} * normalised({x}, {epsilon})).sum(axis=0)", "shift": "{d}.sum(axis=0)"},
    ),
    "half_squared_error": _loss(f"{_DIFFERENCE} ** 2 / 2", _DIFFERENCE),
    "squared_error": _loss(f"{_DIFFERENCE} ** 2", f"2 * {_DIFFERENCE}"),
    "mean_squared_error": _loss(f"{_DIFFERENCE} ** 2", f"2 * {_DIFFERENCE}"),
    "mean_absolute_error": _loss(f"np.abs{_DIFFERENCE}", f"np.sign{_DIFFERENCE}"),
    "huber": _loss(
        f"np.minimum(np.abs{_DIFFERENCE}, {{delta}})"
        f" * (np.abs{_DIFFERENCE} - np.minimum(np.abs{_DIFFERENCE}, {{delta}}) / 2)",
        f"np.clip({_DIFFERENCE}, -{{delta}}, {{delta}})",
    ),
    "hinge": _loss(
        "np.maximum(0, 1 - {target} * {prediction})",
        "({target} * {prediction} < 1) * -{target}",
        "({target} * {prediction} < 1) * -{prediction}",
    ),
    "binary_cross_entropy": _loss(
        "({target} - 1) * bounded_log(1 - {prediction}) - {target} * bounded_log({prediction})",
        f"{_DIFFERENCE} / np.maximum({{prediction}} * (1 - {{prediction}}), 1e-12)",
        "(bounded_log(1 - {prediction}) - bounded_log({prediction}))",
    ),
    "binary_cross_entropy_logits": _loss(
        "np.logaddexp(0, {prediction}) - {target} * {prediction}",
        "(sigmoid({prediction}) - {target})",
        "-{prediction}",
    ),
    "cross_entropy": _loss(
        "-{target} * log_softmax({prediction})",
        "(softmax({prediction}) * {target}.sum(axis=1, keepdims=True) - {target})",
        "-log_softmax({prediction})",
    ),
    "negative_log_likelihood": _loss("-{target} * {prediction}", "-{target}", "-{prediction}"),
    "kl_divergence": _loss(
        "entropy_terms({target}) - {target} * {prediction}",
        "-{target}",
        "np.where({target} > 0, np.log(np.where({target} > 0, {target}, 1)) + 1 - {prediction},"
        " -{prediction})",
    ),
}
"""Kind → how it is written; ``gelu tanh`` is gelu with its parameter ``approximate`` = tanh."""

PENALTIES: Mapping[str, tuple[str, str]] = {
    "l1_penalty": ("{coefficient} * np.abs({w}).sum()", "{coefficient} * np.sign({w})"),
    "l2_penalty": ("{coefficient} / 2 * ({w} ** 2).sum()", "{coefficient} * {w}"),
}
"""Penalty kind → its term in E for one parameter ``{w}``, and that parameter's gradient."""
