"""The inspector's page about one edge."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QLineEdit, QPushButton

from graph.changes import adding
from graph.model.edits import Batch, Connect, Disconnect, Edge, SetEdgeLabel
from graph.model.trainable import carries_weight
from graph.validation.connection_rules import check_connect
from gui.commands.edit_commands import push_built
from gui.inspector.page import Page, slot_shape
from gui.session.session import Session
from gui.widgets.fields import choice, whole
from gui.widgets.layouts import named
from gui.widgets.number_text import edge_numbers


class EdgePage(Page):
    """Ends, port, order, weight and numbers of an edge."""

    def __init__(self, session: Session, edge: str) -> None:
        super().__init__(session)
        self.edge = edge
        record = session.document.edges[edge]
        self.heading("Edge", f"{record.source} → {record.target}")
        weighted = carries_weight(session.document, edge)
        self._make_label(shown=weighted)
        self._make_ends(record)
        form = self.section("Numbers")
        matrix = math.prod(slot_shape(session, f"{edge}.weight") or ()) > 1
        if weighted:
            name, tip = ("‖W‖", "Norm of the matrix") if matrix else ("w", "Weight")
            self.number_row(form, "weight", name, tip)
        wide = (session.widths.nodes.get(record.source) or 1) > 1 if session.widths else False
        tip = "What flows back along the edge: its share of ∂E/∂z"
        self.number_row(form, "message", "back, mean" if wide else "back", tip)
        if weighted:
            name = "‖∂E/∂W‖" if matrix else "∂E/∂w"
            self.number_row(form, "gradient", name, "Gradient of the weight")
            trained = self.section("Trained value")
            self.add_slot(trained, f"{edge}.weight", "weight")
            self.add_laws(trained)
        self.body.addStretch(1)
        self.refresh()
        self.show_numbers()

    def _make_label(self, *, shown: bool) -> None:
        tip = "What its weight is called on the wire and in formulas, as w₁"
        self.label = named(QLineEdit(placeholderText="w"), "label", tip)
        self.label.editingFinished.connect(self._set_label)
        if shown:
            self.section("Name").addRow("label", self.label)
        else:
            self.label.setParent(self)
            self.label.hide()

    def _set_label(self) -> None:
        label = self.label.text().strip()
        if label != self.session.document.edges[self.edge].label:
            self.session.push(SetEdgeLabel(self.edge, label), f"Label {self.edge}")

    def refresh(self) -> None:
        """Show the label and the weight."""
        if not self.label.hasFocus():
            self.label.setText(self.session.document.edges[self.edge].label)
        super().refresh()

    def signature(self) -> Hashable:
        """Return the edge's record, apart from its label, and the shape of its weight."""
        record = self.session.document.edges.get(self.edge)
        return record and (
            replace(record, label=""),
            slot_shape(self.session, f"{self.edge}.weight"),
        )

    def numbers(self) -> object:
        """Return the numbers of the edge."""
        return edge_numbers(self.session.readings, self.edge)

    def _make_ends(self, record: Edge) -> None:
        document = self.session.document
        form = self.section("Connection")
        for name, node in (("from", record.source), ("to", record.target)):
            button = named(QPushButton(document.nodes[node].label or node), tip=f"Select {node}")
            button.clicked.connect(partial(self.session.select, [node]))
            form.addRow(name, button)
        spec = document.spec(record.target)
        ports = [port.name for port in spec.ports] if spec else [record.port]
        self.port = named(choice(dict(zip(ports, ports, strict=True)), record.port), "port")
        self.port.textActivated.connect(self._set_port)
        form.addRow("port", self.port)
        port = spec.port(record.port) if spec else None
        if port is not None and port.variadic:
            tip = "Edges of one port are read in this order"
            self.order = named(whole(-10_000, 10_000, record.order), "order", tip)
            self.order.valueChanged.connect(self._set_order)
            form.addRow("order", self.order)

    def _set_port(self, port: str) -> None:
        session, edge = self.session, self.edge
        record = session.document.edges[edge]
        if port == record.port:
            return

        def build() -> Batch:
            ends = record.source, record.target, port
            check_connect(session.document, *ends, session.schema, replacing=edge)
            return adding.rewire(session.document, edge, port=port, widths=session.widths)

        if not push_built(session, build, f"Move {edge} to {port}"):
            self.port.setCurrentText(record.port)

    def _set_order(self, order: int) -> None:
        document = self.session.document
        record = document.edges[self.edge]
        if order == record.order:
            return
        index = list(document.edges).index(self.edge)
        changed = replace(record, order=order)
        batch = Batch((Disconnect(record.id), Connect(changed, index)))
        self.session.push(batch, f"Order {self.edge}", f"order.{self.edge}")
