"""The breakpoints panel: conditions and places at which a run stops."""

from __future__ import annotations

import json

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QComboBox, QLabel, QListWidget, QListWidgetItem, QPushButton, QWidget

from graph.model.impact import Applied, Impact
from gui.look import theme
from gui.look.theme import icon
from gui.session.break_marks import BreakMark
from gui.session.session import Session
from gui.settings import Settings
from gui.training.breakpoint_rows import SORTS, Breakpoint, label_of, parts_of
from gui.widgets.fields import choice
from gui.widgets.layouts import column, named, row, tool_button
from gui.widgets.number_field import NumberField

_ITEM = Qt.ItemDataRole.UserRole
_NARROW = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
_ADD_TIP = "Stop every run after the update where this holds"
_OF_TIP = "Of all of the network, or of what is selected on the canvas alone"


class BreakpointsPanel(QWidget):
    """Lists what a run stops for; a tick switches it, a mark shows which was met.

    Where a run has stopped is selected, and the cursor stands there in the update that follows.
    The list belongs to the file of the document and is remembered with the user's settings: it is
    no part of the document, as in other debuggers.
    """

    reached = Signal(str)  # the node at which a run or the cursor has stopped

    def __init__(self, session: Session, settings: Settings | None = None) -> None:
        super().__init__()
        self._session, self._settings = session, settings
        self._away: list[tuple[Breakpoint, bool]] = []  # of what was removed; undo brings it back
        self._is_reading = False
        self._shown: object = None
        self._played = False
        self._make_widgets()
        self.sort.currentIndexChanged.connect(self._show_choices)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.list.itemChanged.connect(self._apply)
        session.run.state_changed.connect(self._show_hit)
        session.stepper.breaks_changed.connect(self._show_places)
        session.stepper.changed.connect(self._on_step)
        session.selection_changed.connect(self._show_parts)
        session.widths_changed.connect(self._show_parts)
        session.edited.connect(self._on_edited)
        session.replaced.connect(self._on_replaced)
        session.path_changed.connect(self._store)
        self._show_choices()
        self._show_hit()

    def _make_widgets(self) -> None:
        texts = {key: one.text.replace("{}", "…") for key, one in SORTS.items()}
        self.sort = named(choice(texts), "condition")
        self.number = named(NumberField(0.0), "number of the condition")
        self.number.setFixedWidth(80)
        self.of = named(QComboBox(), "what the condition is of", _OF_TIP)
        for combo in (self.sort, self.of):
            combo.setSizeAdjustPolicy(_NARROW)
        self.add = named(QPushButton("Add"), tip=_ADD_TIP)
        self.list = named(QListWidget(), "Breakpoints")
        self.list.setWordWrap(True)
        self.none = QLabel(
            "Nothing stops a run. Add a condition, or choose “Break here” in the menu of a node "
            "or a wire: playing slowly stands still there.",
            wordWrap=True,
        )
        self.none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.remove = tool_button("Remove", "Remove the breakpoint that is chosen in the list")
        self.why = QLabel(wordWrap=True)
        parts = (
            row((self.sort, 1), self.number),
            row((self.of, 1), self.add),
            self.none,
            (self.list, 1),
            self.remove,
            self.why,
        )
        column(*parts, of=self, margins=(6, 6, 6, 6))

    # -- choosing --------------------------------------------------------------------------------

    def _show_choices(self) -> None:
        start = SORTS[self.sort.currentData()].start
        self.number.setVisible(start is not None)
        if start is not None:
            self.number.setValue(start)
        self._show_parts()

    def _show_parts(self) -> None:
        """Offer what is selected; it is chosen, for it was selected to be looked at."""
        parts = parts_of(self._session, SORTS[self.sort.currentData()].part)
        self.of.clear()
        self.of.addItem("of the whole network", None)
        for part in parts:
            self.of.addItem(f"of {label_of(self._session, part)} alone", part)
        self.of.setCurrentIndex(1 if parts else 0)
        self.of.setEnabled(bool(parts))

    # -- changing the list -----------------------------------------------------------------------

    def _items(self) -> list[tuple[QListWidgetItem, Breakpoint]]:
        items = [self.list.item(i) for i in range(self.list.count())]
        return [(item, item.data(_ITEM)) for item in items]

    def _add(self) -> None:
        sort, number = self.sort.currentData(), self.number.value()
        self._append(Breakpoint.of(sort, number, self.of.currentData()))

    def _append(self, one: Breakpoint, *, ticked: bool = True) -> None:
        item = QListWidgetItem(one.text(self._session))
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        item.setData(_ITEM, one)
        self.list.addItem(item)
        self._apply()

    def _remove(self) -> None:
        item = self.list.takeItem(self.list.currentRow())
        if item is not None:
            one: Breakpoint = item.data(_ITEM)
            if one.condition is None and one.place is not None:
                self._session.stepper.break_at(one.place, on=False)
            self._apply()

    def _apply(self) -> None:
        """Let the run stop for what is ticked."""
        conditions = []
        for item, one in self._items():
            ticked = item.checkState() == Qt.CheckState.Checked
            if one.condition is not None and ticked:
                conditions.append(one.condition)
            elif one.condition is None and one.place is not None:
                self._session.stepper.break_at(one.place, on=ticked)
        self._mark_canvas()
        if conditions != list(self._session.run.breakpoints):
            self._session.run.breakpoints = tuple(conditions)
        self._mark()
        self._store()

    def _mark_canvas(self) -> None:
        """Let the canvas mark what is of one part alone."""
        self._session.break_marks.show(
            BreakMark(one.place, item.text(), item.checkState() == Qt.CheckState.Checked)
            for item, one in self._items()
            if one.place is not None
        )

    def _show_places(self) -> None:
        """List the places that were marked on the canvas, ticked as they are there."""
        if self._is_reading:
            return
        breaks, listed = self._session.stepper.breaks, set()
        for item, one in self._items():
            if one.condition is None:
                listed.add(one.place)
                ticked = one.place in breaks
                state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
                if item.checkState() != state:
                    item.setCheckState(state)
        for place in sorted(breaks - listed):
            self._append(Breakpoint("", 0.0, place, None))

    def _on_edited(self, applied: Applied) -> None:
        if Impact.TEXT in applied.impact or Impact.STRUCTURE in applied.impact:
            if Impact.STRUCTURE in applied.impact:
                self._follow_places()
            for item, one in self._items():
                item.setText(one.text(self._session))
            self._mark_canvas()
            self._show_parts()

    def _follow_places(self) -> None:
        """Take away what is of a removed place, and bring back what is of one that came back."""
        document, away = self._session.document, self._away
        gone = [(item, one) for item, one in self._items() if not one.is_there(document)]
        back = [found for found in away if found[0].is_there(document)]
        if not gone and not back:
            return
        self._away = [found for found in away if found not in back]
        for item, one in gone:
            self._away.append((one, item.checkState() == Qt.CheckState.Checked))
            self.list.takeItem(self.list.row(item))
            if one.condition is None and one.place is not None:
                self._session.stepper.break_at(one.place, on=False)
        for one, ticked in back:
            self._append(one, ticked=ticked)
        self._apply()

    # -- remembering -----------------------------------------------------------------------------

    def _store(self) -> None:
        """Remember the list for the file of the document, if it has one."""
        path = self._session.path
        if self._settings is None or path is None or self._is_reading:
            return
        found = [(one, item.checkState() == Qt.CheckState.Checked) for item, one in self._items()]
        rows = [[*one.stored(), ticked] for one, ticked in (*found, *self._away)]
        self._settings.set_breakpoints(path, json.dumps(rows) if rows else "")

    def _on_replaced(self) -> None:
        """Show what was remembered for another document."""
        self._is_reading = True
        self.list.clear()
        self._away = []
        self._session.run.breakpoints = ()
        for place in self._session.stepper.breaks:
            self._session.stepper.break_at(place, on=False)
        for one, ticked in self._remembered():
            if one.is_there(self._session.document):
                self._append(one, ticked=ticked)
            else:
                self._away.append((one, ticked))
        self._is_reading = False
        self._apply()
        self._show_parts()

    def _remembered(self) -> list[tuple[Breakpoint, bool]]:
        path = self._session.path
        text = self._settings.breakpoints(path) if self._settings and path else ""
        try:
            rows = json.loads(text or "[]")
        except ValueError:
            return []
        rows = [row for row in rows if isinstance(row, list) and row]
        found = [(Breakpoint.read(row[:-1]), bool(row[-1])) for row in rows]
        return [(one, ticked) for one, ticked in found if one is not None]

    # -- a hit -----------------------------------------------------------------------------------

    def _show_hit(self) -> None:
        """Say why the run stopped; the cursor goes to the place, which is selected."""
        hit = self._session.run.hit
        self.why.setText(hit.sentence if hit else "")
        self.why.setVisible(hit is not None)
        is_new, self._shown = hit is not self._shown, hit
        self._mark()
        if hit is None or not is_new:
            return
        owner, stepper = hit.place.rpartition(".")[0], self._session.stepper
        score = stepper.score
        there = [name for name in (hit.place, owner) if score and len(score.find(name))]
        if there:
            stepper.run_to(there[0])
        lit = [stepper.lit_node] if stepper.lit_node else []
        self._go_to([name for name in (hit.place, owner, *lit) if name])

    def _go_to(self, names: list[str]) -> None:
        """Select the first of these that the document has, and let it be seen."""
        document = self._session.document
        for name in names:
            if name in document.nodes:
                self._session.select([name])
                self.reached.emit(name)
                return
            if name in document.edges:
                self._session.select((), [name])
                self.reached.emit(document.edges[name].source)
                self.reached.emit(document.edges[name].target)
                return

    def _on_step(self) -> None:
        """Show where playing slowly has stopped."""
        stepper = self._session.stepper
        stopped, self._played = self._played and not stepper.playing, stepper.playing
        self._mark()
        if stopped and (here := self._here() & stepper.breaks):
            self._go_to(sorted(here))

    def _here(self) -> set[str]:
        """Return the nodes and edges at which the cursor stands."""
        stepper = self._session.stepper
        if stepper.at is None:
            return set()
        places = stepper.at.node, stepper.at.edge, stepper.lit_node, *stepper.lit_edges
        return {place for place in places if place is not None}

    def _mark(self) -> None:
        """Mark what was met: the condition of the run's hit, the place where the cursor is."""
        hit, here, items = self._session.run.hit, self._here(), self._items()
        self.none.setVisible(not items)
        for widget in (self.list, self.remove):
            widget.setVisible(bool(items))
        self.list.blockSignals(True)
        for item, one in items:
            met = hit is not None and one.condition is hit.condition
            if one.condition is None:
                met = one.place in here and item.checkState() == Qt.CheckState.Checked
            if met != item.font().bold():
                font = item.font()
                font.setBold(met)
                item.setFont(font)
                accent = theme.of(self.palette()).accent
                item.setIcon(icon("mdi6.arrow-right-bold", accent) if met else QIcon())
        self.list.blockSignals(False)
