"""The inspector's page about one node."""

from __future__ import annotations

import math
from collections.abc import Hashable
from functools import partial

import numpy as np
from PySide6.QtWidgets import QLineEdit, QPushButton

from engine.library import ops
from graph.changes import adding
from graph.model.edits import SetLabel
from graph.model.kinds import NodeSpec
from gui.commands.edit_commands import push_built
from gui.inspector.page import Page, ParamForm, slot_shape, text_label
from gui.session.session import Session
from gui.widgets.layouts import named
from gui.widgets.number_text import node_numbers, number_text

_COLUMNS = 6  # of an input whose raw values are told
_WEIGHTS = 24  # incoming weights that are listed one by one


class NodePage(Page):
    """Label, id, numbers, parameters and trainable values of a node."""

    def __init__(self, session: Session, node: str) -> None:
        super().__init__(session)
        self.node = node
        spec = session.document.spec(node)
        kind = session.document.nodes[node].kind
        self.heading(spec.title if spec else kind, spec.summary if spec else "")
        if spec and spec.formula:
            self.body.addWidget(text_label(spec.formula))
        if spec is None:
            self.body.addWidget(text_label(f"The kind “{kind}” is unknown here."))
        self._make_names()
        self._make_numbers(has_net=bool(spec and spec.weighted))
        self.params = ParamForm(self, spec, (node,)) if spec else None
        self._make_slots()
        if spec and (details := _details(spec)):
            self._help = text_label(details)
            self._help.setEnabled(False)
            self.body.addWidget(self._help)
        self.body.addStretch(1)
        self.refresh()
        self.show_numbers()

    def signature(self) -> Hashable:
        """Return the node, its kind and slots, the columns, and whether there is a plan."""
        document = self.session.document
        if self.node not in document.nodes:
            return None
        return (
            self.node,
            document.nodes[self.node].kind,
            tuple(document.slots(self.node)),
            tuple(slot_shape(self.session, slot) for slot in document.slots(self.node)[:_WEIGHTS]),
            tuple(self.session.schema.items()),
        )

    def refresh(self) -> None:
        """Show label, id and parameters."""
        node = self.session.document.nodes[self.node]
        if not self.label.hasFocus():
            self.label.setText(node.label)
        if not self.id.hasFocus():
            self.id.setText(node.id)
        super().refresh()

    def numbers(self) -> object:
        """Return the numbers of the node."""
        return node_numbers(self.session.readings, self.node)

    def show_numbers(self) -> None:
        """Show the present readings, of scaled data in its own units too."""
        super().show_numbers()
        numbers = node_numbers(self.session.readings, self.node)
        found = self.session.data_units(self.node, np.atleast_1d(numbers.z)) if numbers else []
        known = [(name, raw) for name, raw in found[:_COLUMNS] if not math.isnan(raw)]
        shown = [f"{name} = {number_text(raw, 6)}" for name, raw in known]
        self._raw.setText("\n".join(shown))
        self._form.setRowVisible(self._raw, bool(shown))

    def _make_names(self) -> None:
        form = self.section("Name")
        self.label = named(QLineEdit(placeholderText=self.node), "label")
        self.label.editingFinished.connect(self._set_label)
        form.addRow("label", self.label)
        self.id = named(QLineEdit(), "id")
        self.id.editingFinished.connect(self._set_id)
        form.addRow("id", self.id)

    def _make_numbers(self, *, has_net: bool) -> None:
        form = self.section("Numbers")
        if has_net:
            self.number_row(form, "s", "s", "Net input: Σ w·x + b")
        self.number_row(form, "z", "z", "Output")
        tip = "Before it was scaled, in the units of the data"
        self._raw = named(text_label(""), "in the data", tip)
        form.addRow("in the data", self._raw)
        self._form = form
        name, tip = ("δ", "∂E/∂s") if has_net else ("∂E/∂z", "Derivative of E by the output")
        self.number_row(form, "slope", name, tip)

    def _make_slots(self) -> None:
        slots = self.session.document.slots(self.node)
        if not slots:
            return
        form = self.section("Trained values")
        for slot in slots[:_WEIGHTS]:
            owner, _, name = slot.rpartition(".")
            edge = self.session.document.edges.get(owner)
            self.add_slot(form, slot, (edge.label or f"w from {edge.source}") if edge else name)
        if len(slots) > _WEIGHTS:
            more = QPushButton(f"and {len(slots) - _WEIGHTS} more: select the incoming edges")
            more.clicked.connect(self._select_edges)
            form.addRow(more)
        self.add_laws(form)

    def _select_edges(self) -> None:
        edges = [edge.id for edge in self.session.document.in_edges(self.node)]
        self.session.select((), edges)

    def _set_label(self) -> None:
        label = self.label.text()
        if label != self.session.document.nodes[self.node].label:
            self.session.push(SetLabel(self.node, label), f"Label {self.node}")

    def _set_id(self) -> None:
        new = self.id.text().strip()
        if new == self.node:
            return
        session = self.session
        build = partial(adding.rename, session.document, self.node, new)
        if push_built(session, build, f"Rename {self.node}"):
            session.select([new])
        else:
            self.id.setText(self.node)


def _details(spec: NodeSpec) -> str:
    """Return what a kind's text says beyond summary and formula, and its local derivatives."""
    lines = [line.strip() for line in spec.doc.removeprefix(spec.summary).splitlines()]
    op = ops().get(spec.kind)
    if op is not None and op.derive is None:  # with the default parameters, as the formula
        lines += op.symbolic().lines()[1:]
    return "\n".join(line for line in lines if not line.startswith("Formula:")).strip()
