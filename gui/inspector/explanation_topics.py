"""What can be explained of a node or an edge: its quantities, in the order of an update."""

from __future__ import annotations

from dataclasses import dataclass

from engine.plan.plan import Plan
from graph.model.document import Document
from graph.model.kinds import Role
from graph.model.trainable import carries_weight
from gui.session.session import Selection


@dataclass(frozen=True, slots=True)
class Topic:
    """One quantity of a place: what its tab says, and its name as the engine knows it."""

    label: str
    quantity: str

    @property
    def kind(self) -> str:
        """What of the place it is: ``delta``, ``update``."""
        return self.quantity.partition(":")[0]


E_ITSELF = Topic("E", "E")


def topics_of(document: Document, plan: Plan, selection: Selection) -> list[Topic]:
    """Return what can be explained of the one node or edge that is selected, and E."""
    nodes, edges = selection.nodes, selection.edges
    found: list[Topic] = []
    if len(nodes) == 1 and not edges:
        found = _of_node(document, plan, next(iter(nodes)))
    elif len(edges) == 1 and not nodes:
        found = _of_edge(document, plan, next(iter(edges)))
    if len(nodes) == 1 and found and plan.losses and max(plan.widths) == 1:
        found.append(Topic("paths", f"paths:{next(iter(nodes))}"))
    return [*found, E_ITSELF] if plan.losses else found


def first_topic(topics: list[Topic], wanted: str) -> Topic | None:
    """Return the topic of a kind, or the one that most explanations are about."""
    order = (wanted, "delta", "loss", "gradient", "message", "value", "E")
    kinds = {topic.kind: topic for topic in reversed(topics)}
    if "loss" in kinds and wanted == "gradient":
        return kinds["loss"]
    return next((kinds[kind] for kind in order if kind in kinds), None)


def selection_of(quantity: str, document: Document) -> Selection:
    """Return the node or edge that a quantity belongs to."""
    place = quantity.partition(":")[2].partition("[")[0]
    for name in (place, place.rpartition(".")[0]):
        if name in document.nodes:
            return Selection(nodes=frozenset([name]))
        if name in document.edges:
            return Selection(edges=frozenset([name]))
    carrier = next((slot for slot, name in document.shared.items() if name == place), "")
    return selection_of(f"gradient:{carrier}", document) if carrier else Selection()


def _of_node(document: Document, plan: Plan, node: str) -> list[Topic]:
    if node not in plan.outputs:
        return []
    spec = document.spec(node)
    if spec is not None and spec.role is Role.LOSS:
        return [Topic("value", f"loss:{node}"), Topic("∂E/∂value", f"gradient:{node}")]
    found = []
    if node in plan.nets:
        found += [Topic("s", f"s:{node}"), Topic("z", f"value:{node}")]
        found += [Topic("∂E/∂z", f"gradient:{node}"), Topic("f′(s)", f"slope:{node}")]
        found += [Topic("δ", f"delta:{node}")]
    else:
        found += [Topic("z", f"value:{node}"), Topic("∂E/∂z", f"gradient:{node}")]
    for slot in document.slots(node):
        owner, _, name = slot.rpartition(".")
        if owner == node:  # the weights of a neuron are its edges'
            letter = {"bias": "b", "weight": "W"}.get(name, name)
            found += _of_parameter(document, plan, slot, letter)
    return found


def _of_edge(document: Document, plan: Plan, edge: str) -> list[Topic]:
    if edge not in plan.edges:
        return []
    found = [Topic("message", f"message:{edge}")]
    if carries_weight(document, edge):
        found += _of_parameter(document, plan, f"{edge}.weight", "w")
    return found


def _of_parameter(document: Document, plan: Plan, slot: str, letter: str) -> list[Topic]:
    name = document.parameter_name(slot)
    if plan.parameters.find(name) is None:
        return []
    found = [Topic(f"∂E/∂{letter}", f"gradient:{name}")]
    settings = document.training
    if settings.l1 or settings.l2 or plan.penalties:
        found.append(Topic("penalty", f"penalty:{name}"))
    if name not in document.frozen and slot not in document.frozen:
        found.append(Topic(f"new {letter}", f"update:{name}"))
    return found
