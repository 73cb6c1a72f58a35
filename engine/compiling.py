"""Compiling a document into a plan: order, expansion of composites, widths, parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np

from engine.drafts import Drafts, Slots, draft
from engine.fans import fans
from engine.forms import Forms
from engine.library import ops as all_ops
from engine.op import Op
from engine.patterns import Patterns
from engine.plan import Loss, Penalty, Plan, check_plan
from engine.stamping import Stamped, stamp
from engine.steps import Steps
from engine.tables import Flags, Index, Integers, Ragged
from engine.theta import numbered
from engine.unfolding import Pattern
from engine.wiring import Wiring, wiring
from graph.document import Document
from graph.spec import Role


def compile_document(
    document: Document,
    schema: Mapping[str, int],
    ops: Mapping[str, Op] | None = None,
    nodes: AbstractSet[str] | None = None,
) -> Plan:
    """Compile a document; equal documents give equal plans.

    Nodes that reach no loss are compiled too: the canvas shows their values.

    Parameters
    ----------
    document : Document
        The graph; the plan keeps nothing of it.
    schema : mapping
        Column → width of the data.
    ops : mapping, optional
        The operations by kind; all that are installed by default.
    nodes : set of str, optional
        Compile these alone (with each node all that it reads, as ``graph.runnable`` finds them);
        all nodes by default.

    Raises
    ------
    PlanError
        If a kind or column is unknown, a port is not connected or there is no data.
    ShapeError
        If widths do not go together; the text names them.
    """
    forms = Forms(all_ops() if ops is None else ops, schema)
    laid = _lay_out(document, wiring(document, nodes), Patterns(forms))
    stamped = stamp(laid.patterns.all, laid.numbers, laid.sources)
    drafts = draft(document, _slots(laid, stamped))
    plan = _Assembly(document, laid, stamped, drafts).plan()
    check_plan(plan)
    return plan


@dataclass(slots=True)
class _Laid:
    """The nodes in the order they are compiled; ids of their steps, edges and slots, in a row."""

    patterns: Patterns
    order: list[str]
    numbers: list[int] = field(default_factory=list)
    sources: list[list[int]] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    slots: list[str] = field(default_factory=list)


def _lay_out(document: Document, wires: Wiring, patterns: Patterns) -> _Laid:
    """Find every node's pattern, in order, and put its ids into it."""
    nodes, kinds = document.nodes, document.library
    penalties = {
        kind for kind, spec in kinds.items() if spec.role is Role.PENALTY
    }  # last, as they read all parameters
    order = sorted(wires.order, key=lambda node: nodes[node].kind in penalties)
    laid = _Laid(patterns, order)
    places: dict[str, int] = {}
    widths: dict[str, int] = {}
    for place, node_id in enumerate(order):
        edges = wires.incoming[node_id]
        ids = [edge.id for edge in edges]
        before = [edge.source for edge in edges]
        into = tuple([widths[source] for source in before])
        number = patterns.number(nodes[node_id], edges, ids, into)
        pattern, named = patterns.all[number], ("", node_id, *ids)
        places[node_id], widths[node_id] = place, pattern.width
        laid.numbers.append(number)
        laid.sources.append([places[source] for source in before])
        laid.edges += ids
        laid.steps += [named[whose] + end for whose, end in pattern.names]
        laid.slots += [named[whose] + end for whose, end in pattern.slots]
    return laid


def _slots(laid: _Laid, stamped: Stamped) -> Slots:
    """Return the trainable slots of all nodes, by column."""
    drafts = [found for pattern in laid.patterns.all for found in pattern.drafts]
    shapes, shape = numbered([found.shape for found in drafts])
    initializers, initializer = numbered([found.initializer for found in drafts])
    is_bias = np.array([found.is_bias for found in drafts], bool)
    each = stamped.drafts
    return Slots(
        laid.slots,
        laid.order,
        stamped.slot_owners,
        shapes,
        shape[each],
        initializers,
        initializer[each],
        is_bias[each],
    )


@dataclass(slots=True)
class _Assembly:
    """Everything a plan is made of."""

    document: Document
    laid: _Laid
    stamped: Stamped
    drafts: Drafts

    def plan(self) -> Plan:
        """Return the plan, with every parameter's place in θ."""
        laid, stamped, forms = self.laid, self.stamped, self.laid.patterns.forms
        penalties = self._penalties()
        steps = Steps(
            tuple(forms.all),
            stamped.form,
            tuple(laid.steps),
            _each(laid.order, stamped.owners),
            stamped.reads,
            Ragged(stamped.uses.starts, self.drafts.used[stamped.uses.numbers]),
            {penalty.value: penalty.parameters for penalty in penalties if penalty.parameters},
        )
        parameters = self.drafts.place(*fans(steps, stamped.widths, len(self.drafts.names)))
        wire, *places = stamped.edges
        weighted, weight = stamped.weights
        nets = np.flatnonzero(self._are_weighted())
        sums = steps.reads.numbers[steps.reads.starts[stamped.outputs[nets]]]
        return Plan(
            steps,
            tuple(stamped.widths.tolist()),
            parameters,
            parameters.end,
            tuple(forms.columns),
            Index(laid.order, stamped.outputs),
            Index(_each(laid.order, nets), sums),
            tuple(self._losses()),
            penalties,
            Index(_each(laid.edges, wire), *places),
            Index(_each(laid.edges, weighted), self.drafts.used[weight]),
        )

    def _are_weighted(self) -> Flags:
        """Return which nodes are neurons, (n,)."""
        weighted = [pattern.op.spec.weighted for pattern in self.laid.patterns.all]
        return np.array(weighted, bool)[self.laid.numbers]

    def _with_role(self, role: Role) -> Iterator[tuple[int, str, Pattern]]:
        """Yield place, id and pattern of the nodes of a role."""
        patterns = self.laid.patterns.all
        chosen = np.array([pattern.op.spec.role is role for pattern in patterns], bool)
        for place in np.flatnonzero(chosen[self.laid.numbers]).tolist():
            yield place, self.laid.order[place], patterns[self.laid.numbers[place]]

    def _losses(self) -> Iterator[Loss]:
        outputs, laid = self.stamped.outputs, self.laid
        for place, node_id, pattern in self._with_role(Role.LOSS):
            value = int(outputs[place])
            read = [int(outputs[source]) for source in laid.sources[place]]
            ports = dict(zip(pattern.ports, read, strict=True))
            prediction = ports.get("prediction", read[0] if read else value)
            importance = pattern.params.get("importance", 1.0)
            assert isinstance(importance, int | float)  # the edit was checked against its ParamSpec
            kind, target = pattern.op.spec.kind, ports.get("target")
            yield Loss(node_id, kind, float(importance), value, prediction, target)

    def _penalties(self) -> tuple[Penalty, ...]:
        found: list[Penalty] = []
        for place, node_id, pattern in self._with_role(Role.PENALTY):
            chosen = pattern.params.get("parameters", "weights")
            if isinstance(chosen, tuple):
                covers = self.drafts.indices([str(name) for name in chosen], node_id)
            else:
                covers = self.drafts.weights
            value = int(self.stamped.outputs[place])
            found.append(Penalty(node_id, pattern.op.spec.kind, value, covers))
        return tuple(found)


def _each(ids: Sequence[str], places: Integers) -> tuple[str, ...]:
    return tuple([ids[place] for place in places.tolist()])
