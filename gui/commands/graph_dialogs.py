"""Small dialogs of the Graph menu, and the choosers."""

from __future__ import annotations

import itertools
from functools import partial

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QWidget,
)

from graph.errors import EditError
from graph.model.edits import Batch, SetDataset
from graph.model.kinds import Library, Role
from gui.commands import graph_commands, network_builder, window_commands
from gui.commands.context import CommandContext
from gui.commands.edit_commands import attempt, count
from gui.commands.network_builder import Blueprint, LayerRequest
from gui.data import column_nodes
from gui.look import theme
from gui.widgets.chooser import Choice, Chooser
from gui.widgets.fields import choice, whole
from gui.widgets.node_palette import kind_icon

_MANY = 40  # neurons beyond which one node per layer is proposed
_NEEDED = "The network needs data: choose some, with these columns or others."
_OFFERED = "Press play: the network learns two moons for now. Other data?"


class LayerDialog(QDialog):
    """Asks for a layer to add."""

    def __init__(self, parent: QWidget, library: Library, sources: int) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add layer")
        form = QFormLayout(self)
        self.units = whole(1, 100_000, 4)
        form.addRow("units", self.units)
        self.activation = _activations(library, "sigmoid")
        form.addRow("activation", self.activation)
        self.together = QCheckBox("one node for the whole layer")
        form.addRow("", self.together)
        self.density = whole(1, 100, 100)
        self.density.setSuffix(" % of the edges")
        form.addRow("connect", self.density)
        wired = f"Wired to {count(sources, 'selected node')}."
        note = QLabel(wired if sources else "Nothing is selected, so it will not be wired.")
        note.setEnabled(False)
        form.addRow(note)
        self.density.setEnabled(sources > 0)
        _finish(self, form, "Add")

    def layer(self) -> LayerRequest:
        """Return what was asked for."""
        return LayerRequest(
            self.units.value(),
            self.activation.currentData(),
            self.together.isChecked(),
            self.density.value() / 100,
        )


class NetworkDialog(QDialog):
    """Asks for a network in one line."""

    def __init__(self, parent: QWidget, library: Library) -> None:
        super().__init__(parent)
        self.setWindowTitle("Build from one line")
        self.setMinimumWidth(380)
        form = QFormLayout(self)
        self.line = QLineEdit("2-4-1")
        self.line.setPlaceholderText("2-4-4-1")
        self.line.selectAll()
        self.line.textChanged.connect(self._check)
        form.addRow("sizes", self.line)
        self.activation = _activations(library, "tanh")
        form.addRow("hidden", self.activation)
        self.output = _activations(library, "sigmoid")
        form.addRow("output", self.output)
        losses = {spec.kind: spec.title for spec in library.values() if spec.role is Role.LOSS}
        self.loss = choice(losses, "half_squared_error")
        form.addRow("loss", self.loss)
        self.together = QCheckBox("one node for each layer")
        form.addRow("", self.together)
        self.note = QLabel()
        self.note.setEnabled(False)
        form.addRow(self.note)
        self._buttons = _finish(self, form, "Build")
        self._check()

    def blueprint(self) -> Blueprint:
        """Return what was asked for; raises `EditError` if the line cannot be read."""
        return Blueprint(
            network_builder.read_sizes(self.line.text()),
            self.activation.currentData(),
            self.output.currentData(),
            self.loss.currentData(),
            self.together.isChecked(),
        )

    def _check(self) -> None:
        ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        try:
            sizes = network_builder.read_sizes(self.line.text())
        except EditError as error:
            self.note.setText(str(error))
            ok.setEnabled(False)
            return
        weights = sum(a * b for a, b in itertools.pairwise(sizes))
        self.note.setText(f"{sum(sizes[1:])} neurons, {weights} weights")
        if sum(sizes) > _MANY:
            self.together.setChecked(True)
        ok.setEnabled(True)


def add_layer(context: CommandContext) -> None:
    """Ask for a layer and add it right of the selection."""
    session = context.session
    document = session.document
    sources = [
        node
        for node in document.nodes
        if node in session.selection.nodes
        and (spec := document.spec(node))
        and spec.role not in (Role.LOSS, Role.PENALTY, Role.TARGET)
    ]
    dialog = LayerDialog(context.dialog_parent, session.library, len(sources))
    if not dialog.exec():
        return
    wanted = dialog.layer()
    built = attempt(session, lambda: network_builder.layer(document, sources, wanted))
    if built and session.push(built[0], f"Add a layer of {count(wanted.units, 'unit')}"):
        session.select(built[1])
        context.canvas.zoom_to(document.nodes)


def build_network(context: CommandContext) -> None:
    """Ask for a network in one line and build it."""
    session = context.session
    dialog = NetworkDialog(context.dialog_parent, session.library)
    if not dialog.exec():
        return
    if not session.is_open:
        session.new()
    build_from(context, dialog.blueprint())


def build_from(context: CommandContext, plan: Blueprint) -> None:
    """Build a network for the data there is; without any it gets some that fits, if it can."""
    session = context.session
    data = session.document.dataset
    fresh = data is None and column_nodes.needed(session.document)
    offered = network_builder.first_data(plan) if fresh else None
    used = data or offered
    features = network_builder.references(used.features if used else (), session.schema)
    targets = network_builder.references(used.targets if used else (), session.schema)
    built = attempt(
        session, lambda: network_builder.network(session.document, plan, features, targets)
    )
    if built is None:
        return
    batch, _ = built
    edits = (SetDataset(offered), *batch.edits) if offered else batch.edits
    if session.push(Batch(edits), f"Build {'-'.join(map(str, plan.sizes))}"):
        session.select()
        context.canvas.fit()
        if data is None:
            text = _OFFERED if offered else _NEEDED
            context.offer(text, "Choose data…", partial(window_commands.choose_data, context))


def replace_kind(context: CommandContext) -> None:
    """Let a kind be chosen for the selected nodes."""
    session = context.session
    colors = theme.of(context.dialog_parent.palette())
    entries = [
        Choice(
            spec.title,
            spec.group,
            partial(graph_commands.replace_kind, session, spec.kind),
            kind_icon(spec, colors.group(spec.group)),
            (spec.kind, *spec.aliases),
        )
        for spec in session.library.values()
    ]
    Chooser(context.dialog_parent, entries, "Replace by…").popup()


def show_about(context: CommandContext) -> None:
    """Tell what Gradwire is."""
    QMessageBox.about(
        context.dialog_parent,
        "About Gradwire",
        "<h3>Gradwire</h3><p>A laboratory for backpropagation: wire any network, train it, and "
        "see every value, every δ and every gradient.</p><p>MIT licence.</p>",
    )


def _activations(library: Library, chosen: str) -> QComboBox:
    param = library["neuron"].param("activation") if "neuron" in library else None
    names = param.choices if param else (chosen,)
    return choice({name: name.replace("_", " ") for name in names}, chosen)


def _finish(dialog: QDialog, form: QFormLayout, verb: str) -> QDialogButtonBox:
    standard = QDialogButtonBox.StandardButton
    buttons = QDialogButtonBox(standard.Ok | standard.Cancel)
    buttons.button(standard.Ok).setText(verb)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    form.addRow(buttons)
    return buttons
