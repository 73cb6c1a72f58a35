"""What all pages of the inspector are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QGroupBox, QLabel, QWidget

from engine.interpreter.initializers import INITIALIZERS
from graph.model.edits import Batch, SetParam
from graph.model.kinds import NodeSpec, ParamSpec, ParamValue
from gui.commands.graph_commands import selected_parameters
from gui.inspector.param_editors import EDITORS, Offers
from gui.inspector.slot_editor import SlotEditor
from gui.session.session import Session
from gui.widgets.fields import ValueField
from gui.widgets.layouts import captioned, column, enlarged, named, row
from gui.widgets.number_text import shown_text
from gui.widgets.parameter_drag import DragHandle


class Page(QWidget):
    """A page about what is selected; built anew when its `signature` changes.

    Subclasses build in ``__init__``. What they add as parameters, trained values and numbers is
    brought up to date by `refresh` (after an edit) and `show_numbers` (after a probe).
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.body = column(of=self, margins=(10, 8, 10, 8))
        self.body.setSpacing(8)
        self.params: ParamForm | None = None
        self.slots: list[SlotEditor] = []
        self._numbers: dict[str, QLabel] = {}
        self.laws = text_label("", self)  # how the trained values are drawn
        self.laws.hide()

    def signature(self) -> Hashable:
        """Return what the page's widgets depend on."""
        return ()

    def refresh(self) -> None:
        """Show what an edit may have changed."""
        if self.params is not None:
            self.params.refresh()
        for slot in self.slots:
            slot.refresh()
        self._show_laws()

    def numbers(self) -> object:
        """Return what has the numbers of `number_row` as attributes; None if there are none."""

    def show_numbers(self) -> None:
        """Show the present readings."""
        numbers = self.numbers()
        for name, label in self._numbers.items():
            label.setText(shown_text(getattr(numbers, name, None)))
        for slot in self.slots:  # they change while it trains, and inside an update
            slot.refresh()
        self._show_laws()

    def _show_laws(self) -> None:
        self.laws.setText("\n".join(laws(self.session, [slot.name for slot in self.slots])))

    def heading(self, text: str, detail: str = "") -> QLabel:
        """Add a heading, with a line in small print; beside it a handle for what it is about."""
        label = enlarged(QLabel(text, wordWrap=True), 1.25)
        parameters = partial(selected_parameters, self.session)
        handles = [DragHandle(parameters)] if parameters() else []
        self.body.addLayout(row((label, 1), *handles))
        if detail:
            self.body.addWidget(text_label(detail))
        return label

    def section(self, title: str) -> QFormLayout:
        """Add a titled form."""
        box = QGroupBox(title)
        form = QFormLayout(box)
        form.setContentsMargins(8, 8, 8, 8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self.body.addWidget(box)
        return form

    def number_row(self, form: QFormLayout, number: str, name: str, tip: str) -> None:
        """Add a row for one of `numbers`."""
        self._numbers[number] = label = named(text_label("–"), name, tip)
        form.addRow(named(QLabel(name), tip=tip), label)

    def add_slot(self, form: QFormLayout, slot: str, caption: str) -> None:
        """Add the trained value of a slot."""
        self.slots.append(SlotEditor(self.session, slot, caption))
        form.addRow(self.slots[-1])

    def add_laws(self, form: QFormLayout) -> None:
        """Add by which laws the trained values are drawn, with the numbers of their scales."""
        self.laws.show()
        tip = "Fan-in: what is added up in one unit. Fan-out: what reads one output."
        form.addRow(named(self.laws, "initial values", tip))


class ParamForm:
    """Editors on a page for the parameters that several nodes of one kind have.

    An edit changes all of them as one undo entry.
    """

    def __init__(self, page: Page, spec: NodeSpec, nodes: tuple[str, ...]) -> None:
        self._session, self._nodes = page.session, nodes
        self.editors: dict[str, ValueField] = {}
        if not spec.params:
            return
        plan = self._session.plan
        names = [p.name for p in plan.parameters if not p.is_bias] if plan else []
        offers = Offers(self._session.schema, names)
        form = page.section("Parameters")
        for param in spec.params:
            editor = named(EDITORS[param.kind](param, offers), tip=param.summary)
            editor.name(param.name)
            editor.changed.connect(partial(self._set, param))
            caption = captioned(param.name.replace("_", " "), editor)
            form.addRow(named(caption, tip=param.summary), editor)
            self.editors[param.name] = editor
        self.refresh()

    def refresh(self) -> None:
        """Show the first node's parameters."""
        for name, editor in self.editors.items():
            value = self._session.document.param(self._nodes[0], name)
            if value is not None:
                editor.show_value(value)

    def _set(self, param: ParamSpec, value: ParamValue, gesture: int) -> None:
        kept = None if value == param.default else value
        edits = tuple(SetParam(node, param.name, kept) for node in self._nodes)
        merge = f"param.{self._nodes[0]}.{param.name}.{gesture}" if gesture else None
        text = f"Change {param.name.replace('_', ' ')}"
        if not self._session.push(edits[0] if len(edits) == 1 else Batch(edits), text, merge):
            self.refresh()


def text_label(text: str, parent: QWidget | None = None) -> QLabel:
    """Return a label for running text, which can be selected and copied."""
    selectable = Qt.TextInteractionFlag.TextSelectableByMouse
    return QLabel(text, parent, wordWrap=True, textInteractionFlags=selectable)


def laws(session: Session, names: Sequence[str]) -> list[str]:
    """Return a line for each law that draws the parameters: its name, scale and fans.

    Of those that have values of the document it is what drawing them anew would use.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for name in names:
        parameter = session.calculation.parameter(name)
        if parameter is None:
            continue
        law = INITIALIZERS[parameter.initializer]
        fans = parameter.fan_in, parameter.fan_out
        text = f"{parameter.initializer.replace('_', ' ')}, {law.words(*fans)}"
        known = [f"fan-{fan} {n}" for fan, n in zip(("in", "out"), fans, strict=True)]
        text += f" ({', '.join(known)})" if not parameter.is_bias else ""
        when = "Drawn anew," if name in session.document.parameters else "Initial"
        found.setdefault((when, text), []).append(name.rpartition(".")[2])
    return [f"{when} {_together(slots)}: {text}" for (when, text), slots in found.items()]


def _together(slots: list[str]) -> str:
    """Return what slots are together: ``weights``, ``bias and shift``."""
    counts = Counter(slots)
    return " and ".join(slot if n == 1 else f"{slot}s" for slot, n in counts.items())


def slot_shape(session: Session, slot: str) -> tuple[int, ...] | None:
    """Return the shape of a slot's present value; None if it has none yet."""
    value = session.value(session.document.parameter_name(slot))
    return None if value is None else value.shape
