"""Recognising weights, a sum, a bias and an activation that amount to one neuron."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import Edge, Node
from graph.model.kinds import ParamKind, ParamValue


@dataclass(frozen=True, slots=True)
class Unit:
    """The parts of a neuron drawn as single operations.

    ``arriving`` are the edges into ``weights``, one each; ``output`` is the activation, or the sum
    if there is none; ``inner_edges`` are the ids of the edges between the parts.
    """

    weights: tuple[Node, ...]
    arriving: tuple[Edge, ...]
    bias: Node | None
    total: Node
    output: Node
    inner_edges: tuple[str, ...]
    params: dict[str, ParamValue]


def find_unit(document: Document, node_ids: Sequence[str]) -> Unit:
    """Find the unit that some operations are the parts of.

    Raises `EditError` if there is none; the text says what does not fit.
    """
    chosen = set(node_ids)
    if missing := sorted(chosen - document.nodes.keys()):
        raise EditError(f"there is no node {missing[0]!r}")
    total = _sum(document, chosen)
    output = _output(document, total, chosen)
    feeding = document.in_edges(total.id)
    sources = [document.nodes[edge.source] for edge in feeding]
    for source in sources:
        _check_part(document, source, total)
    weights = tuple(source for source in sources if source.kind == "weight")
    biases = [source for source in sources if source.kind == "bias"]
    if len(biases) > 1:
        raise EditError(f"{total.id!r} adds {len(biases)} biases; a neuron has one at most")
    arriving = tuple(edge for weight in weights for edge in document.in_edges(weight.id))
    if len(arriving) < len(weights):
        raise EditError(f"a weight before {total.id!r} has no input yet; connect it")
    parts = {node.id for node in (*sources, total, output)}
    if foreign := sorted(chosen - parts):
        raise EditError(f"{foreign[0]!r} is no part of this neuron; take it from the selection")
    inner = [edge.id for edge in feeding]
    if output is not total:
        inner += [edge.id for edge in document.in_edges(output.id)]
    bias = biases[0] if biases else None
    params = _params(document, weights, bias, output if output is not total else None)
    return Unit(weights, arriving, bias, total, output, tuple(inner), params)


def _sum(document: Document, chosen: set[str]) -> Node:
    kinds = {name: document.nodes[name].kind for name in chosen}
    sums = [name for name, kind in kinds.items() if kind == "sum"]
    if not sums and len(chosen) == 1:
        feeding = document.in_edges(next(iter(chosen)))
        sums = [e.source for e in feeding if document.nodes[e.source].kind == "sum"]
    if len(sums) != 1:
        raise EditError(
            f"{len(sums) or 'no'} sums are selected; "
            "select the weights, the sum, the bias and the activation of one neuron"
        )
    return document.nodes[sums[0]]


def _output(document: Document, total: Node, chosen: set[str]) -> Node:
    """Return the activation that reads the sum if it is meant, else the sum."""
    kinds = _activations(document)
    readers = document.out_edges(total.id)
    meant = [
        document.nodes[edge.target]
        for edge in readers
        if document.nodes[edge.target].kind in kinds
        and (edge.target in chosen or (len(chosen) == 1 and len(readers) == 1))
    ]
    if not meant:
        return total
    if len(readers) > 1:
        raise EditError(
            f"the sum {total.id!r} is read {len(readers)} times; "
            "a neuron shows only what comes after its activation"
        )
    (output,) = meant
    if output.params and document.params(output.id) != document.library[output.kind].complete({}):
        raise EditError(
            f"the activation {output.id!r} has its own settings; a neuron has only the defaults"
        )
    return output


def _activations(document: Document) -> tuple[str, ...]:
    param = document.library["neuron"].param("activation")
    assert param is not None
    assert param.kind is ParamKind.CHOICE
    return param.choices


def _check_part(document: Document, source: Node, total: Node) -> None:
    if source.kind not in {"weight", "bias"}:
        raise EditError(
            f"the sum {total.id!r} adds {source.id!r} ({source.kind}) without a weight; "
            "put a weight on that wire first"
        )
    if len(document.out_edges(source.id)) > 1:
        raise EditError(
            f"{source.id!r} is read several times, inside a neuron once; duplicate it first"
        )


def _params(
    document: Document, weights: Sequence[Node], bias: Node | None, activation: Node | None
) -> dict[str, ParamValue]:
    sized = [*weights, *([bias] if bias else [])]
    widths = {document.param(node.id, "width") for node in sized}
    if len(widths) != 1:
        found = ", ".join(f"{n.id!r}: {document.param(n.id, 'width')}" for n in sized) or "none"
        raise EditError(f"the widths of weights and bias must be equal; they are {found}")
    initializers = {document.param(node.id, "initializer") for node in weights}
    if len(initializers) > 1:
        raise EditError(
            "the weights have different initialisers; a neuron has one for all: choose it"
        )
    params: dict[str, ParamValue] = {
        "activation": activation.kind if activation else "identity",
        "bias": bias is not None,
    }
    for name, values in (("units", widths), ("initializer", initializers)):
        if values and (value := values.pop()) is not None:
            params[name] = value
    return dict(sorted(params.items()))
