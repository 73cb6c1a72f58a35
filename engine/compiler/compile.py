"""Compiling a document into a plan: order, templates of composites, widths, parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Flags, Integers
from engine.arrays.columnar import ComposedNames, IdIndex, Ragged, ends, integers, numbered
from engine.compiler.edge_order import EdgeOrder, wiring
from engine.compiler.instantiation import Instantiated, instantiate
from engine.compiler.node_steps import Pattern, Patterns
from engine.compiler.operations import Operations
from engine.compiler.slots import ParameterSlots, Slots, fans, used_parameters
from engine.declaration.op import Op
from engine.library import ops as all_ops
from engine.plan.plan import Loss, Penalty, Plan, check_plan
from engine.plan.steps import Steps
from graph.model.document import Document
from graph.model.kinds import Role


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
        Compile these alone (with each node all that it reads, as
        ``graph.validation.width_inference`` finds them); all nodes by default.

    Raises
    ------
    PlanError
        If a kind or column is unknown, a port is not connected or there is no data.
    ShapeError
        If widths do not go together; the text names them.
    """
    operations = Operations(all_ops() if ops is None else ops, schema)
    plan = _assembled(document, _lay_out(document, wiring(document, nodes), Patterns(operations)))
    check_plan(plan)
    return plan


@dataclass(frozen=True, slots=True)
class _Laid:
    """The nodes in the order they are compiled.

    ``numbers`` are those of their patterns, ``wires`` by node the nodes that its edges come from,
    ``ids`` those of the nodes, then of the edges in the same order.
    """

    patterns: Patterns
    numbers: Integers
    wires: Ragged
    ids: tuple[str, ...]

    def names(self, places: Integers) -> ComposedNames:
        """Return ids by their places."""
        return ComposedNames(
            self.ids, places.astype(np.int32), ("",), np.zeros(len(places), np.int32)
        )


def _lay_out(document: Document, wires: EdgeOrder, patterns: Patterns) -> _Laid:
    """Find every node's pattern, in order."""
    nodes, incoming = document.nodes, wires.incoming
    penalties = {kind for kind, spec in document.library.items() if spec.role is Role.PENALTY}
    order = sorted(wires.order, key=lambda node: nodes[node].kind in penalties)  # they come last,
    places = {node: place for place, node in enumerate(order)}  # as they read all parameters
    widths: list[int] = []
    numbers: list[int] = []
    counts: list[int] = []
    sources: list[int] = []
    ids = order.copy()
    for node_id in order:
        edges = incoming[node_id]
        before = [places[edge.source] for edge in edges]
        into = tuple([widths[source] for source in before])
        number = patterns.number(nodes[node_id], edges, into)
        widths.append(patterns.all[number].widths[-1])
        numbers.append(number)
        counts.append(len(edges))
        sources += before
        ids += [edge.id for edge in edges]
    return _Laid(patterns, integers(numbers), Ragged(ends(counts), integers(sources)), tuple(ids))


def _assembled(document: Document, laid: _Laid) -> Plan:
    steps = instantiate(laid.patterns.all, laid.numbers, laid.wires, laid.ids)
    return _Assembly(document, laid, steps, used_parameters(document, _slots(laid, steps))).plan()


def _slots(laid: _Laid, steps: Instantiated) -> Slots:
    """Return the trainable slots of all nodes, by column."""
    specs = [spec for pattern in laid.patterns.all for spec in pattern.steps.slots]
    shapes, shape = numbered([shape for pattern in laid.patterns.all for shape in pattern.shapes])
    initializers, initializer = numbered([spec.initializer for spec in specs])
    is_bias = np.array([spec.is_bias for spec in specs], bool)
    each = steps.slot_specs
    return Slots(
        steps.slots,
        laid.names(steps.slot_owners),
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
    instantiated: Instantiated
    slots: ParameterSlots

    def plan(self) -> Plan:
        """Return the plan, with every parameter's place in θ."""
        laid, found, operations = self.laid, self.instantiated, self.laid.patterns.operations
        penalties = self._penalties()
        steps = Steps(
            tuple(operations.forms),
            found.form,
            found.names,
            laid.names(found.owners),
            found.reads,
            Ragged(found.uses, self.slots.used),
            {penalty.value: penalty.parameters for penalty in penalties if penalty.parameters},
        )
        parameters = self.slots.place(*fans(steps, found.widths, len(self.slots.names)))
        wire, *places = found.edges
        weighted, weight = found.weights
        count = len(laid.numbers)
        nets = np.flatnonzero(self._are_weighted())
        sums = steps.reads.numbers[steps.reads.starts[found.outputs[nets]]]
        return Plan(
            steps,
            tuple(found.widths.tolist()),
            parameters,
            parameters.end,
            tuple(operations.columns),
            IdIndex(laid.names(np.arange(count)), found.outputs.astype(np.int32)),
            IdIndex(laid.names(nets), sums.astype(np.int32)),
            tuple(self._losses()),
            penalties,
            IdIndex(laid.names(count + wire), *(place.astype(np.int32) for place in places)),
            IdIndex(laid.names(count + weighted), self.slots.used[weight].astype(np.int32)),
        )

    def _are_weighted(self) -> Flags:
        """Return which nodes are neurons, (n,)."""
        weighted = [pattern.steps.op.spec.weighted for pattern in self.laid.patterns.all]
        return np.array(weighted, bool)[self.laid.numbers]

    def _with_role(self, role: Role) -> Iterator[tuple[int, str, Pattern]]:
        """Yield place, id and pattern of the nodes of a role."""
        patterns = self.laid.patterns.all
        chosen = np.array([pattern.steps.op.spec.role is role for pattern in patterns], bool)
        for place in np.flatnonzero(chosen[self.laid.numbers]).tolist():
            yield place, self.laid.ids[place], patterns[self.laid.numbers[place]]

    def _losses(self) -> Iterator[Loss]:
        outputs, laid = self.instantiated.outputs, self.laid
        for place, node_id, pattern in self._with_role(Role.LOSS):
            value = int(outputs[place])
            (sources,) = laid.wires.tuples(place, place + 1)
            read = outputs[list(sources)].tolist()
            ports = dict(zip(pattern.steps.ports, read, strict=True))
            prediction = ports.get("prediction", read[0] if read else value)
            importance = pattern.steps.params.get("importance", 1.0)
            assert isinstance(importance, int | float)  # the edit was checked against its ParamSpec
            kind, target = pattern.steps.op.spec.kind, ports.get("target")
            yield Loss(node_id, kind, float(importance), value, prediction, target)

    def _penalties(self) -> tuple[Penalty, ...]:
        found: list[Penalty] = []
        for place, node_id, pattern in self._with_role(Role.PENALTY):
            chosen = pattern.steps.params.get("parameters", "weights")
            if isinstance(chosen, tuple):
                covers = self.slots.indices([str(name) for name in chosen], node_id)
            else:
                covers = self.slots.weights
            value = int(self.instantiated.outputs[place])
            found.append(Penalty(node_id, pattern.steps.op.spec.kind, value, covers))
        return tuple(found)
