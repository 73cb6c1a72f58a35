"""The explanation panel: where any number of the selected node or edge comes from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QTabBar, QWidget

from engine.analysis.explanation import parse_quantity
from engine.data.row_numbers import row_name
from graph.model.document import Document, DocumentSnapshot
from gui.formulas.pieces import MORE
from gui.inspector.explanation_choices import ExplanationChoices
from gui.inspector.explanation_costs import Costs
from gui.inspector.explanation_lines import MANY, Reading, scaling_text
from gui.inspector.explanation_page import ExplanationPage
from gui.inspector.explanation_topics import (
    Topic,
    differentiated,
    first_topic,
    selection_of,
    topics_of,
)
from gui.inspector.explanation_work import Answer, LatestExplainer, Moment, explain
from gui.jobs.follower import Follower
from gui.session.session import Session
from gui.widgets.layouts import column, named, row, tool_button
from gui.widgets.number_text import number_text

_INTERVAL = 250  # ms between two updates
_JOB = "explanation"
_COLUMNS = 6  # of an input whose raw values are told
_NOTHING = "Select a node or an edge to see where its numbers come from."
_PAUSE = "Pause the run to see an update: its memory is known where the run stands still."
_NO_NUMBERS = "Its numbers appear once the network can run."


class Explanation(QWidget):
    """Explains a quantity of what is selected, while it is seen.

    What is shown is the latest that was found out about this quantity, and is taken away as soon
    as another is asked for. Nothing is shown that was found out about an older graph. Asking for
    a term goes deeper; `back` returns.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._quantity = ""
        self._most, self._depth = MANY, 1
        self._past: list[str] = []
        self._topics: list[Topic] = []
        self._chosen_for = session.selection
        self._moment: Moment | None = None
        self._latest = LatestExplainer()
        self._document: tuple[Document, DocumentSnapshot] | None = None
        self._subject: object = None
        self._stale = False
        self._stop: int | None = None  # of the cursor, that was explained by itself
        self._left = session.selection  # as long as this is selected
        self._make()
        self._timer = QTimer(self, singleShot=True, interval=_INTERVAL)
        self._timer.timeout.connect(self.update_now)
        for signal in (session.selection_changed, session.replaced, session.stepper.changed):
            signal.connect(self._on_selection)
        session.readings_changed.connect(self._on_readings)
        turns = session.background, session.frames, session.publication
        self._follower = Follower(self, self.update_now, *turns, _JOB)
        session.run.published.connect(self._on_published)
        session.widths_changed.connect(self._later)

    def _make(self) -> None:
        self.back_button = tool_button("◂ Back", "Back to the explanation before (Alt+Left)",
                                       self.back)  # fmt: skip
        self.pin_button = tool_button("Pin", "Keep this explanation beside the next", self._pin)
        self.pin_button.setCheckable(True)
        self.copy = tool_button("Copy", "Copy as text", lambda: self.page.formula.copy_text())
        self.copy_latex = tool_button("LaTeX", "Copy as LaTeX",
                                      lambda: self.page.formula.copy_latex())  # fmt: skip
        buttons = row(self.back_button, self.pin_button, self.copy, self.copy_latex)
        buttons.addStretch(1)
        self.tabs = named(QTabBar(expanding=False, drawBase=False), "Quantities")
        self.tabs.setUsesScrollButtons(True)
        self.tabs.tabBarClicked.connect(self._on_tab)
        self.page = ExplanationPage(self._session)
        self.page.asked.connect(self.ask)
        self.pinned = ExplanationPage(self._session)
        self.pinned.asked.connect(self.ask)
        self.pinned.hide()
        self._split = QSplitter()
        self._split.addWidget(self.page)
        self._split.addWidget(self.pinned)
        self.choices = ExplanationChoices()
        self.choices.numerator_chosen.connect(self._on_numerator)
        self.choices.depth_chosen.connect(self._on_depth)
        column(buttons, self.tabs, self.choices, (self._split, 1), of=self)

    # -- what is asked -------------------------------------------------------------------------

    @property
    def quantity(self) -> str:
        """What is explained: ``delta:h1``; empty if nothing is."""
        return self._quantity

    def ask(self, quantity: str) -> None:
        """Explain a quantity, or write out the terms that were left out."""
        if quantity == MORE:
            self._most *= 10
        elif quantity != self._quantity:
            if self._quantity:
                self._past.append(self._quantity)
            self._turn_to(quantity)
        self.update_now()

    def back(self) -> None:
        """Return to what was explained before."""
        if self._past:
            self._turn_to(self._past.pop())
            self.update_now()

    def _turn_to(self, quantity: str) -> None:
        self._quantity, self._most = quantity, MANY
        found = selection_of(quantity, self._session.document)
        if found and found != self._session.selection:
            self._session.select(found.nodes, found.edges)

    def _on_selection(self) -> None:
        at, selection = self._session.stepper.at, self._session.selection
        returns = not selection and bool(self._chosen_for)
        if at is not None and (at.index != self._stop or returns):
            self._past.clear()
            self._quantity, self._most, self._left = at.quantity, MANY, selection
        self._stop = at.index if at is not None else None
        self._choose_topic()
        self.update_now()

    def _choose_topic(self) -> None:
        """Keep what is asked if it belongs to the selection; else ask the like of it there."""
        session, plan = self._session, self._session.calculation.shown
        selection = session.selection
        if self._stop is not None and selection == self._left:  # about the place of the stop
            selection = selection_of(self._quantity, session.document)
        of = parse_quantity(self._quantity).of
        if of is not None and of.node not in session.document.nodes:
            of = None
        self._topics = topics_of(session.document, plan, selection, of) if plan else []
        asked = parse_quantity(self._quantity)
        base, moved = str(asked.whole), selection != self._chosen_for
        self._chosen_for = selection
        fits = base in {topic.quantity for topic in self._topics}
        if not fits or (moved and base == "E"):
            kind = "E" if not selection else asked.kind.replace("E", "")
            topic = first_topic(self._topics, kind)
            self._quantity, self._most = (topic.quantity if topic else ""), MANY
        self._show_tabs()

    def _show_tabs(self) -> None:
        labels = [topic.label for topic in self._topics]
        if labels != [self.tabs.tabText(i) for i in range(self.tabs.count())]:
            while self.tabs.count():
                self.tabs.removeTab(0)
            for label in labels:
                self.tabs.addTab(label)
        base = str(parse_quantity(self._quantity).whole)
        for i, topic in enumerate(self._topics):
            if topic.quantity == base:
                self.tabs.setCurrentIndex(i)
        self.tabs.setVisible(bool(labels))
        self.back_button.setEnabled(bool(self._past))

    def _on_tab(self, index: int) -> None:
        if 0 <= index < len(self._topics):
            self.ask(self._topics[index].quantity)

    def deepen(self, steps: int) -> None:
        """Open the formula over more nodes, or fewer."""
        self.choices.deepen(steps)

    def _on_depth(self, depth: int) -> None:
        self._depth = depth
        self.update_now()

    def _on_numerator(self, name: str) -> None:
        of = parse_quantity(f"|{name}").of if name else None
        self.ask(differentiated(self._quantity, self._session.document, of))

    def _pin(self) -> None:
        answer = self.page.answer
        if self.pin_button.isChecked() and answer is not None:
            self.pinned.show_answer(answer, self.page.about.text())
        self.pinned.setVisible(self.pin_button.isChecked() and answer is not None)

    # -- finding it out ------------------------------------------------------------------------

    def update_now(self) -> None:
        """Explain what is asked, if the panel is seen, by work in the background."""
        if not self.isVisible():
            return
        self._choose_topic()
        session, background = self._session, self._session.background
        at = session.stepper.stop
        subject = session.document, session.row, self._quantity, at
        if subject != self._subject:
            self._subject = subject
            self._drop()
            self.page.say("")
        moment = self._read_moment()
        if not self._quantity or moment is None:
            self._drop()
            self.page.say(_NO_NUMBERS if self._session.selection else _NOTHING)
        elif session.run.running and self._quantity.startswith("update:"):
            self._drop()
            self.page.say(_PAUSE)
        elif not self._has_readings or moment.document is not self._read_document():
            self._later()  # the new numbers are on their way
        elif _JOB in background.busy:
            self._stale = True
        else:
            self._stale = False
            reading = Reading(
                self._known(),
                self._current(),
                self._most,
                parse_quantity(self._quantity).of,
                self._depth,
            )
            job = self._latest.wanted = object()
            work = partial(explain, moment, self._quantity, reading, self._latest, job)
            background.run(_JOB, work, self._take, self.page.say, long=len(moment.rows) > 1)

    @property
    def _has_readings(self) -> bool:
        """Whether the numbers of the row that is chosen are there."""
        calculation = self._session.calculation
        readings = calculation.probing.readings
        if readings is None or readings.version != calculation.version:
            return False
        return readings.row == self._session.row

    def _drop(self) -> None:
        """End the work on what is no longer asked."""
        self._latest.wanted = None
        self._session.background.drop(_JOB)

    def _read_moment(self) -> Moment | None:
        """Return the numbers that are shown now; None if there are none."""
        session, calculation = self._session, self._session.calculation
        plan, theta, probing = calculation.shown, calculation.theta, calculation.probing
        readings = probing.readings
        if plan is None or theta is None or readings is None:
            return None
        if not self._has_readings:
            return self._moment
        last = self._moment
        rows, words, columns = probing.shown_rows, session.rows_text, probing.columns
        noise = probing.noise
        if self._quantity.startswith("update:"):  # made with the whole batch, whatever is shown
            rows, words, columns = probing.averaged_rows, probing.averaged_text, probing.averaged
            noise = probing.averaged_noise
        shown = plan, theta, columns
        if last is None or any(
            a is not b for a, b in zip((last.plan, last.theta, last.columns), shown, strict=True)
        ) or last.document is not self._read_document():  # fmt: skip
            costs = last.costs if last is not None and last.plan is plan else Costs(plan)
            self._moment = Moment(
                self._read_document(),
                *shown,
                probing.m,
                rows,
                words,
                session.run.shown_update,
                costs,
                session.run.rule_state,
                noise,
            )
        return self._moment

    def _read_document(self) -> DocumentSnapshot:
        """Return the document as it is now; it is copied once for each of its versions."""
        document, last = self._session.document, self._document
        if last is None or last[0] is not document or last[1].version != document.version:
            last = self._document = document, document.snapshot()
        return last[1]

    def _known(self) -> Callable[[str], bool]:
        """Return what tells in any thread whether a quantity is known at the cursor."""
        stepper = self._session.stepper
        stop = stepper.known_stop
        score = stepper.score if stop is not None else None  # it takes long in large networks
        if stop is None or score is None:
            return _everything
        return lambda quantity: score.known_from(_told_by(quantity)) <= stop

    def _current(self) -> str:
        stepper = self._session.stepper
        return stepper.at.quantity if stepper.at and stepper.quiz.asked is None else ""

    def _take(self, answer: Answer) -> None:
        if answer.moment.document is not self._read_document():
            self._later()
            return
        if parse_quantity(answer.quantity).whole == parse_quantity(self._quantity).whole:
            self._quantity = answer.quantity
            self._subject = (*self._subject[:2], answer.quantity, *self._subject[3:])  # type: ignore[index]
            of = parse_quantity(answer.quantity).of
            self.choices.show_numerators(dict(answer.numerators), str(of or ""))
            self.page.show_answer(answer, answer.moment.sentence, self._notes(answer.quantity))
        if self._stale or answer.moment is not self._moment:
            self._later()

    def _notes(self, quantity: str) -> list[str]:
        """Say what the formula alone does not: whose update it is, what was scaled."""
        row = self._session.row
        if row is not None and quantity.startswith("update:"):
            shown = f"The canvas shows {row_name(row)}, but an update is made with a mean over rows"
            return [f"{shown}: the derivative here is that mean."]
        return self._raw_values(quantity)

    def _raw_values(self, quantity: str) -> list[str]:
        """Say what an input's numbers were before they were scaled."""
        session, kind = self._session, quantity.partition(":")[0]
        node = session.document.nodes.get(parse_quantity(quantity).place)
        prepared, row = session.prepared, session.row
        columns = session.document.params(node.id).get("columns") if node else None
        if kind != "value" or prepared is None or row is None or not isinstance(columns, tuple):
            return []
        if session.edited_row is not None:  # what is shown is not what the data have
            return []
        lines = []
        for name in map(str, columns[:_COLUMNS]):
            scaling, values = prepared.scalings.get(name), prepared.columns.get(name)
            if scaling is not None and values is not None:
                raw = float(scaling.undo(values[row])[0])
                scaled = scaling_text(raw, scaling.offset[0], scaling.scale[0], values[row][0])
                lines.append(f"{name} = {number_text(raw, 6)} in the data; scaled: {scaled}")
        return lines

    # -- being seen ------------------------------------------------------------------------------

    def text(self) -> str:
        """Return what is shown as text."""
        parts = (self.page.heading.text(), self.page.about.text(), self.page.formula.text())
        return "\n".join(part for part in parts if part)

    def showEvent(self, event: QShowEvent) -> None:
        """Explain when it comes into sight."""
        super().showEvent(event)
        self._later()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop."""
        self._timer.stop()
        self._follower.stop()
        super().hideEvent(event)

    def _on_readings(self) -> None:
        if not self._session.run.running:
            self._later()

    def _on_published(self) -> None:
        if self.isVisible():
            self._follower.follow()
            if not self._follower.is_quick:
                self.page.compare(self._session.run.updates)

    def _later(self) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()


def _told_by(quantity: str) -> str:
    """Return what is known when a quantity is: the derivative of a number, when the number is."""
    found = parse_quantity(quantity)
    return f"value:{found.of.node}" if found.of is not None else str(found.whole)


def _everything(_quantity: str) -> bool:
    return True
