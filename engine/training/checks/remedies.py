"""Edits that mend what a loss gets; None where there is none that certainly fits."""

from __future__ import annotations

from msgspec.structs import replace

from engine.plan.plan import Step
from engine.training.checks.judged_loss import JudgedLoss
from graph.changes.rewiring import insert_on_edge, remove_and_reconnect, replace_kind
from graph.model.dataset import Builtin, Csv, Generator, Inline, split_component
from graph.model.document import Document
from graph.model.edits import Batch, Edit, SetDataset, SetParam, SetParameterValues
from graph.model.kinds import Role
from graph.validation.problems import Remedy


def other_loss(view: JudgedLoss, kind: str | None) -> Remedy | None:
    """Replace the loss by one of another kind."""
    if not kind or kind not in view.document.library:
        return None
    edit = replace_kind(view.document, view.loss.node, kind)
    return Remedy(f"Use {kind.replace('_', ' ')}", edit)


def put_before(view: JudgedLoss, kind: str) -> Remedy | None:
    """Let a neuron end in an activation, or put a node of that kind before the loss."""
    document = view.document
    if kind not in document.library:
        return None
    words = kind.replace("_", " ")
    node = view.source(view.loss.prediction)
    if _activation(document, node) == "identity":
        return Remedy(f"Put a {words} before it", SetParam(node, "activation", kind))
    edge = next((e for e in document.in_edges(view.loss.node) if e.port == "prediction"), None)
    if edge is None:
        return None
    ends = [document.positions.get(one, (0.0, 0.0)) for one in (edge.source, edge.target)]
    middle = (ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2
    return Remedy(f"Put a {words} before it", insert_on_edge(document, edge.id, kind, middle)[0])


def exchange_activation(view: JudgedLoss, step: Step, kind: str) -> Remedy | None:
    """Replace the activation that makes the predictions by another kind."""
    document, node = view.document, step.owner
    words = kind.replace("_", " ")
    if _activation(document, node) == step.op.spec.kind:
        return Remedy(f"Use {words} in place of {step.op.spec.kind}", _activate(node, kind))
    if document.nodes[node].kind == step.op.spec.kind and kind in document.library:
        return Remedy(f"Use {words} in its place", replace_kind(document, node, kind))
    return None


def without_activation(view: JudgedLoss, step: Step) -> Remedy | None:
    """Take the activation away that makes the predictions."""
    document, node, kind = view.document, step.owner, step.op.spec.kind
    if _activation(document, node) == kind:
        edit: Edit = _activate(node, "identity")
    elif document.nodes[node].kind == kind and document.spec(node) is not None:
        edit = remove_and_reconnect(document, [node])
    else:
        return None
    return Remedy(f"Remove the {kind.replace('_', ' ')}", edit)


def one_hot(view: JudgedLoss, classes: int) -> Remedy | None:
    """Encode the one column of the target one-hot, and give the prediction as many units."""
    document, column = view.document, _only_column(view)
    dataset = document.dataset
    if column is None or not isinstance(dataset, Csv | Inline | Generator | Builtin):
        return None
    encoded = replace(dataset, encoding={**dataset.encoding, column: "one_hot"})
    edits: list[Edit] = [SetDataset(encoded)]
    node = view.source(view.loss.prediction)
    if "units" not in document.params(node):
        return None
    slots = [*document.slots(node)]
    names = {document.parameter_name(slot) for slot in slots} & document.parameters.keys()
    edits.append(SetParam(node, "units", classes))
    if names:
        edits.append(SetParameterValues(dict.fromkeys(sorted(names))))
    return Remedy(f"Encode {column!r} one-hot", Batch(tuple(edits)))


def scaled_target(view: JudgedLoss, method: str) -> Remedy | None:
    """Scale all targets in another way."""
    dataset = view.document.dataset
    if dataset is None or _only_column(view) is None or method not in ("none", "min_max"):
        return None
    words = "Do not scale targets" if method == "none" else "Scale targets to 0 … 1"
    return Remedy(words, SetDataset(replace(dataset, target_scaling=method)))


def _only_column(view: JudgedLoss) -> str | None:
    """Return the column of a target that is read from one column alone."""
    assert view.loss.target is not None
    node = view.source(view.loss.target)
    spec, columns = view.document.spec(node), view.document.param(node, "columns")
    if spec is None or spec.role is not Role.TARGET or not isinstance(columns, tuple):
        return None
    return split_component(str(columns[0]))[0] if len(columns) == 1 else None


def _activation(document: Document, node: str) -> str | None:
    """Return the activation of a neuron; None for other nodes."""
    spec = document.spec(node)
    found = document.param(node, "activation") if spec and spec.weighted else None
    return found if isinstance(found, str) else None


def _activate(node: str, kind: str) -> Edit:
    return SetParam(node, "activation", kind)
