"""What PyTorch makes of a document: an interpreter that shares nothing with the compiler.

Every edge clones the value it carries, so that PyTorch's own gradient of the clone is the edge's
message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.declaration.op import Array
from graph.model.document import Document

Function = Callable[..., Tensor]
torch.set_num_threads(1)  # the graphs are tiny: sharing them out costs more than they do


def _product(*inputs: Tensor) -> Tensor:
    result = torch.ones((), dtype=torch.float64)
    for x in inputs:
        result = result * x
    return result


def _sum(*inputs: Tensor) -> Tensor:
    result = torch.zeros((), dtype=torch.float64)
    for x in inputs:
        result = result + x
    return result


_ACTIVATIONS: dict[str, Function] = {
    "identity": lambda x: x * 1,
    "sigmoid": torch.sigmoid,
    # functional.hardsigmoid has the slope 1/6 rounded to float32, even for float64
    "hard_sigmoid": lambda x: torch.clamp(x / 6 + 0.5, 0, 1),
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda x, slope=0.01: functional.leaky_relu(x, slope),
    "elu": lambda x, alpha=1.0: functional.elu(x, alpha),
    "selu": functional.selu,
    "gelu": lambda x, approximate="none": functional.gelu(x, approximate=approximate),
    "silu": functional.silu,
    "mish": functional.mish,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "step": lambda x: (x > 0).to(x.dtype),
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "abs": torch.abs,
    "sin": torch.sin,
    "softmax": lambda x: torch.softmax(x, 1),
    "log_softmax": lambda x: torch.log_softmax(x, 1),
}

_OPERATIONS: dict[str, Function] = {
    **_ACTIVATIONS,
    "sum": _sum,
    "product": _product,
    "subtract": lambda a, b: a - b,
    "divide": lambda a, b: a / b,
    "power": lambda x, exponent=2.0: x**exponent,
    "scale": lambda x, factor=1.0, offset=0.0: factor * x + offset,
    "mean": lambda x: x.mean(1, keepdim=True),
    "dot": lambda a, b: (a * b).sum(1, keepdim=True),
    "concat": lambda *inputs: torch.cat(inputs, 1),
    "slice": lambda x, start=0, stop=1: x[:, start:stop],
    "dropout": lambda x, rate=0.5: functional.dropout(x, rate, training=False),
}

_LOSSES: dict[str, Function] = {
    "half_squared_error": lambda p, t: (p - t) ** 2 / 2,
    "squared_error": lambda p, t: (p - t) ** 2,
    "mean_squared_error": lambda p, t: functional.mse_loss(p, t, reduction="none"),
    "mean_absolute_error": lambda p, t: functional.l1_loss(p, t, reduction="none"),
    "huber": lambda p, t, delta=1.0: functional.huber_loss(p, t, reduction="none", delta=delta),
    "hinge": lambda p, t: torch.clamp(1 - p * t, min=0),
    "binary_cross_entropy": lambda p, t: -(t * torch.log(p) + (1 - t) * torch.log(1 - p)),
    "binary_cross_entropy_logits": lambda p, t: functional.binary_cross_entropy_with_logits(
        p, t, reduction="none"
    ),
    "cross_entropy": lambda p, t: -t * torch.log_softmax(p, 1),
    "negative_log_likelihood": lambda p, t: -t * p,
    "kl_divergence": lambda p, t: functional.kl_div(p, t, reduction="none"),
}
_AVERAGED = {"mean_squared_error", "mean_absolute_error", "huber"}
_PORTS = {"a": 0, "b": 1, "prediction": 0, "target": 1, "x": 0, "inputs": 0}


@dataclass(slots=True)
class Reference:
    """E and all its derivatives, float64, by id."""

    error: float
    values: dict[str, Array]
    gradients: dict[str, Array]
    nets: dict[str, Array]
    deltas: dict[str, Array]
    messages: dict[str, Array]
    parameters: dict[str, Array]


def differentiate(
    document: Document, parameters: Mapping[str, Array], columns: Mapping[str, Array]
) -> Reference:
    """Run a document in PyTorch, parameters given by resolved name."""
    run = _Run(document, parameters, columns)
    for node_id in nx.topological_sort(document.graph):
        run.add(node_id)
    # a graph without parameters still has inputs to differentiate by
    run.error.backward()  # type: ignore[no-untyped-call]  # torch declares no types for it
    return Reference(
        float(run.error.detach()),
        {name: value.detach().numpy() for name, value in run.values.items()},
        _gradients(run.values),
        {name: value.detach().numpy() for name, value in run.nets.items()},
        _gradients(run.nets),
        _gradients(run.carried),
        _gradients(run.parameters),
    )


def _gradients(tensors: Mapping[str, Tensor]) -> dict[str, Array]:
    return {
        name: (np.zeros(tuple(x.shape)) if x.grad is None else x.grad.numpy())
        for name, x in tensors.items()
    }


class _Run:
    def __init__(
        self, document: Document, parameters: Mapping[str, Array], columns: Mapping[str, Array]
    ) -> None:
        self.document, self.columns = document, columns
        self.rows = len(next(iter(columns.values())))
        self.parameters = {
            name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
            for name, value in parameters.items()
        }
        self.values: dict[str, Tensor] = {}
        self.nets: dict[str, Tensor] = {}
        self.carried: dict[str, Tensor] = {}
        self.error: Tensor = torch.zeros((), dtype=torch.float64)

    def add(self, node_id: str) -> None:
        node = self.document.nodes[node_id]
        edges = [e for e in self.document.edges.values() if e.target == node_id]
        edges.sort(key=lambda e: (_PORTS[e.port], e.order, e.id))
        for edge in edges:
            self.carried[edge.id] = self.values[edge.source].clone()
            if self.carried[edge.id].requires_grad:
                self.carried[edge.id].retain_grad()
        value = self._value(node_id, node.kind, dict(node.params), [e.id for e in edges])
        if not value.requires_grad:
            value.requires_grad_()
        value.retain_grad()
        self.values[node_id] = value

    def _value(
        self, node_id: str, kind: str, params: dict[str, Any], edges: Sequence[str]
    ) -> Tensor:
        inputs = [self.carried[edge] for edge in edges]
        if kind in ("input", "target"):
            parts = [torch.tensor(self.columns[name]) for name in params["columns"]]
            return torch.cat(parts, 1).to(torch.float64)
        if kind == "constant":
            return torch.tensor([params["value"]], dtype=torch.float64).repeat(self.rows, 1)
        if kind == "bias":
            return self._parameter(f"{node_id}.bias").repeat(self.rows, 1)
        if kind == "weight":
            return functional.linear(inputs[0], self._parameter(f"{node_id}.weight"))
        if kind == "layer_norm":
            gain, shift = (self._parameter(f"{node_id}.{slot}") for slot in ("gain", "shift"))
            return functional.layer_norm(inputs[0], (inputs[0].shape[1],), gain, shift)
        if kind == "neuron":
            return self._neuron(node_id, params, edges)
        if kind in _LOSSES:
            return self._loss(kind, params, inputs)
        return _OPERATIONS[kind](*inputs, **params)

    def _neuron(self, node_id: str, params: dict[str, Any], edges: Sequence[str]) -> Tensor:
        net = _sum(*(self.carried[edge] @ self._parameter(f"{edge}.weight").T for edge in edges))
        if params.get("bias", True):
            net = net + self._parameter(f"{node_id}.bias")
        net.retain_grad()
        self.nets[node_id] = net
        return _ACTIVATIONS[params.get("activation", "sigmoid")](net)

    def _loss(self, kind: str, params: dict[str, Any], inputs: Sequence[Tensor]) -> Tensor:
        importance = params.pop("importance", 1.0)
        reduction = params.pop("components", "mean" if kind in _AVERAGED else "sum")
        terms = _LOSSES[kind](*inputs, **params)
        value = terms.mean(1, keepdim=True) if reduction == "mean" else terms.sum(1, keepdim=True)
        self.error = self.error + importance * value.mean()
        return value

    def _parameter(self, slot: str) -> Tensor:
        return self.parameters[self.document.shared.get(slot, slot)]
