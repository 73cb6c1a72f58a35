"""Weighted sum, bias and activation in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from engine.declaration.op import (
    WIDEST,
    Array,
    Choices,
    Expand,
    Initializer,
    InnerEdge,
    InnerNode,
    Input,
    Range,
    Slot,
    Template,
    composite,
)
from graph.model.kinds import NodeSpec, Params, PortWidths, Role, Shape


def _activations(specs: Iterable[NodeSpec]) -> tuple[str, ...]:
    return tuple(spec.kind for spec in specs if spec.group == "activations")


def _units(params: Params, _widths: PortWidths) -> int:
    return int(params.get("units", 1))  # type: ignore[arg-type]  # declared int below


def _bias_shape(params: Params, widths: PortWidths) -> Shape:
    return (_units(params, widths),)


def _has_bias(params: Params) -> bool:
    return bool(params.get("bias", True))


@composite(
    group="units",
    symbol="f(Σ)",
    aliases=("unit", "layer", "dense", "perceptron", "node", "fully connected"),
    role=Role.UNIT,
    width=_units,
    weighted=True,
    slots={"bias": Slot(_bias_shape, _has_bias, initial="zeros")},
)
def neuron(
    *inputs: Array,
    units: Annotated[int, Range(1, WIDEST), "how many units; more than one make a layer"] = 1,
    activation: Annotated[str, Choices(_activations), "f, applied to the net input s"] = "sigmoid",
    bias: Annotated[bool, "whether a trainable b is added"] = True,
    initializer: Initializer = "xavier_uniform",
) -> Expand:
    """Weigh every input, add a bias, apply an activation: one unit or a whole layer of units.

    Formula: s = Σₑ Wₑ·xₑ + b,  z = f(s)
    Shapes: inputs: (B, nₑ), one weight matrix Wₑ: (m, nₑ) on each edge, b: (m,) → (B, m)
    Source: Rosenblatt 1958; δ = f′(s)·Σ wδ: Rumelhart, Hinton, Williams 1986.
    Every edge into it carries its own trainable weight, so several sources need no concat and a
    skip connection is one more wire. Expand shows the same as single operations.
    """
    return _expand


_SLOPES = ("∂z/∂s = f′(s)", "∂s[i]/∂x[k, j] = W[k, i, j]", "∂s[i]/∂W[k, i, j] = x[k, j]")
neuron.equations(
    "z = f(s)",
    *_SLOPES,
    "∂s/∂b = 1",
    "s[i] = Σ(k, Σ(j, W[k, i, j]·x[k, j])) + b[i]",
    W="weight",
    b="bias",
    when={"bias": True},
)
neuron.equations(
    "z = f(s)", *_SLOPES, "s[i] = Σ(k, Σ(j, W[k, i, j]·x[k, j]))", W="weight", when={"bias": False}
)


def _expand(params: Params, inputs: Sequence[Input]) -> Template:
    width = {"width": _units(params, {})}
    drawn = {"initializer": params["initializer"]} if "initializer" in params else {}
    weight = {**drawn, **width}
    nodes = [InnerNode(f"w{x.place}", "weight", (InnerEdge(x, "x"),), weight, of=x) for x in inputs]
    if _has_bias(params):
        nodes.append(InnerNode("b", "bias", params=width, slots={"bias": "bias"}))
    total = InnerNode("s", "sum", tuple([InnerEdge(node.name, "inputs") for node in nodes]))
    activation = str(params.get("activation", "sigmoid"))
    return Template((*nodes, total, InnerNode("z", activation, (InnerEdge("s", "x"),))))
