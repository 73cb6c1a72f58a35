"""What can be explained of a node or an edge: its quantities, in the order of an update."""

from __future__ import annotations

from dataclasses import dataclass

from engine.analysis.explanation import Numerator, parse_quantity, read_quantity
from engine.analysis.explanation.quantity import DERIVATIVES
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
        """What of the place it is: ``delta``, ``update``, ``derivative:s``."""
        return parse_quantity(self.quantity).kind


E_ITSELF = Topic("E", "E")
_ONLY_OF_E = ("penalty", "update")


def topics_of(
    document: Document, plan: Plan, selection: Selection, of: Numerator | None = None
) -> list[Topic]:
    """Return what can be explained of the one node or edge that is selected, and E.

    Derivatives are ``of`` a node's number, or of E (None).
    """
    found = _topics_of_e(document, plan, selection)
    if of is None or found in ([], [E_ITSELF]):
        return found
    above = f"∂{_label(document, of)}/∂"
    topics = []
    for topic in found:
        quantity = parse_quantity(topic.quantity)
        if quantity.kind in (*DERIVATIVES, "paths"):
            label = topic.label.replace("∂E/∂", above).replace("δ", f"{above}s")
            topics.append(Topic(label, str(quantity._replace(of=of))))
        elif quantity.kind not in _ONLY_OF_E:
            topics.append(topic)
    return topics


def differentiated(quantity: str, document: Document, of: Numerator | None) -> str:
    """Return the derivative of another number at the place of a quantity."""
    found = parse_quantity(quantity)
    if found.kind.startswith("derivative"):
        found = read_quantity(quantity, document)
    kind = "message" if found.place in document.edges else "gradient"
    if found.kind in (*DERIVATIVES, "paths"):
        kind = found.kind
    elif found.kind in ("s", "slope"):
        kind = "delta"
    return str(found._replace(kind=kind, of=of))


def _label(document: Document, of: Numerator) -> str:
    name = (document.nodes[of.node].label or of.node).partition(" = ")[0]
    return str(of._replace(node=name))


def _topics_of_e(document: Document, plan: Plan, selection: Selection) -> list[Topic]:
    nodes, edges = selection.nodes, selection.edges
    found: list[Topic] = []
    if len(nodes) == 1 and not edges:
        found = _of_node(document, plan, next(iter(nodes)))
    elif len(edges) == 1 and not nodes:
        found = _of_edge(document, plan, next(iter(edges)))
    if len(nodes) == 1 and found and plan.losses:
        found.append(Topic("paths", f"paths:{next(iter(nodes))}"))
    elif found and plan.losses and carries_weight(document, next(iter(edges))):
        name = document.parameter_name(f"{next(iter(edges))}.weight")
        found.append(Topic("paths", f"paths:{name}"))
    return [*found, E_ITSELF] if plan.losses else found


def first_topic(topics: list[Topic], wanted: str) -> Topic | None:
    """Return the topic of a kind, or the one that most explanations are about."""
    units, others = ("delta", "derivative:s"), ("derivative", "loss", "gradient", "message")
    order = (wanted, *units, *others, "value", "E")
    kinds = {topic.kind: topic for topic in reversed(topics)}
    if "loss" in kinds and wanted == "gradient":
        return kinds["loss"]
    return next((kinds[kind] for kind in order if kind in kinds), None)


def selection_of(quantity: str, document: Document) -> Selection:
    """Return the node or edge that a quantity belongs to."""
    place = parse_quantity(quantity).place
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
