"""What an edit would make of E, before it is made; what E owes to edges, units and inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QWidget,
)

from engine.analysis.what_if.ablation import Baseline, Effect, effect
from engine.analysis.what_if.blocks import Blocks, Importance
from engine.analysis.what_if.changes import Action, Change
from engine.analysis.what_if.permutation import REPEATS, PermutationImportance
from engine.analysis.what_if.ranking import Ranking
from graph.errors import EditError
from graph.model.dataset import split_component
from graph.model.kinds import Role
from gui.jobs.block_work import BlockWork
from gui.jobs.gil_yield import GilYield
from gui.plots.computed_view import ComputedView, Question, same_question
from gui.plots.curves_view import metric_name
from gui.plots.parameter_names import node_name, parameter_name
from gui.plots.words.what_if_words import (
    ACTION_WORDS,
    change_text,
    effect_text,
    importance_name,
    signed_text,
)
from gui.widgets.importance_table import ImportanceTable
from gui.widgets.layouts import column, named, row
from gui.widgets.number_field import FloatField
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from graph.model.document import Document
    from gui.session.session import Session

_LISTED = 200
_WIDE = 1e6  # largest factor
_SIDE, _TABLES = 460, 540  # px that share the width at first
_EDGE: tuple[Action, ...] = ("cut", "scale", "freeze")
_NODE: tuple[Action, ...] = ("zero", "mean", "freeze")
_NO_CHANGE = Role.LOSS, Role.PENALTY, Role.TARGET
_CHOOSE = (
    "Select one edge, unit or input on the canvas, or click a line of a table: what cutting, "
    "scaling, silencing or freezing it would make of E appears here. Nothing is changed until you "
    "apply it."
)


@dataclass(frozen=True, slots=True)
class DocumentNames:
    """What the edges, nodes and parameters of a document are called on the screen."""

    document: Document

    def is_node(self, place: str) -> bool:
        """Tell whether an id is that of a node."""
        return place in self.document.nodes

    def place(self, place: str) -> str:
        """Return what an edge or a node is called."""
        if self.is_node(place):
            return node_name(self.document, place)
        return parameter_name(self.document, f"{place}.weight")

    def parameter(self, name: str) -> str:
        """Return what a parameter is called."""
        return parameter_name(self.document, name)

    def metric(self, name: str) -> str:
        """Return what a metric is called."""
        return metric_name(name)


class WhatIfView(ComputedView):
    """One change of what is selected, with Apply; beside it all edges and units, and the inputs."""

    title = "What if"
    icon = "mdi6.help-rhombus-outline"
    rank = 57
    job = "what if"
    empty = (
        "As soon as a network with a loss runs, what an edit would make of its E appears here, "
        "before it is made."
    )
    found: Effect | str | None

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        background, failed = session.background, session.notice.emit
        self._ranking: BlockWork[Ranking] = BlockWork("ranking", background, failed, self)
        self._inputs: BlockWork[PermutationImportance] = BlockWork(
            "inputs", background, failed, self
        )
        self._ranked: Question | None = None
        self._permuted: Question | None = None
        self._ranking.advanced.connect(self._list_ranking)
        self._inputs.advanced.connect(self._list_inputs)
        session.selection_changed.connect(self._on_selection)

    def restart(self) -> None:
        """Forget the numbers of another document."""
        super().restart()
        self._drop_tables()

    @property
    def ranked(self) -> Ranking | None:
        """The ranking as far as it is."""
        return self._ranking.work

    def _drop_tables(self) -> None:
        self._ranking.drop()
        self._inputs.drop()
        self._ranked = self._permuted = None

    # -- widgets -----------------------------------------------------------------------------

    def build(self) -> None:
        """Make the choice, the words, the button and the tables."""
        self.action = named(QComboBox(), "change", "What would be done to what is selected")
        self.action.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.factor = named(FloatField(-_WIDE, _WIDE), "factor", "What it is multiplied by")
        self.factor.setValue(0.5)
        self.apply = named(QPushButton("Apply"), "apply the change")
        self.subject = QLabel()
        self.words = QLabel(textFormat=Qt.TextFormat.RichText, wordWrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self.words)
        choice = row(self.subject, self.action, self.factor, self.apply)
        choice.addStretch(1)
        side = QWidget()
        column(choice, (area, 1), of=side)
        self.ranking = ImportanceTable("edges and units", ("edge or unit", "", "ΔE"), 2)
        self.inputs = ImportanceTable("inputs", ("input", "ΔE (mean)", "spread"), 1)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.addTab(self.ranking, "Edges and units")
        self.tabs.addTab(self.inputs, "Inputs (permuted)")
        split = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        split.addWidget(side)
        split.addWidget(self.tabs)
        split.setSizes([_SIDE, _TABLES])
        self.body.addWidget(split, 1)
        self.action.activated.connect(lambda _: self.update_now())
        self.factor.valueChanged.connect(lambda _: self.update_now())
        self.apply.clicked.connect(self._apply)
        self.ranking.chosen.connect(self._select)
        self.ranking.turned.connect(self._list_ranking)
        self.inputs.chosen.connect(self._select_input)
        self.inputs.turned.connect(self._list_inputs)
        self.tabs.currentChanged.connect(lambda _: self.update_now())
        self._offer()

    def _on_selection(self) -> None:
        if self.is_built:
            self.update_now()

    @property
    def _names(self) -> DocumentNames:
        return DocumentNames(self.session.document)

    @property
    def _place(self) -> str | None:
        """The edge or node that is selected alone, if it can be changed."""
        document, selection = self.session.document, self.session.selection
        places = [*selection.nodes, *selection.edges]
        if len(places) != 1:
            return None
        spec = document.spec(places[0]) if selection.nodes else None
        return None if spec is not None and spec.role in _NO_CHANGE else places[0]

    def _offer(self) -> None:
        """Offer what can be done to what is selected; the same action stays if it can."""
        place, before = self._place, self.action.currentData()
        offered: tuple[Action, ...] = ()
        if place is not None:
            offered = _EDGE if place in self.session.document.edges else _NODE
        if offered != tuple(self.action.itemData(i) for i in range(self.action.count())):
            with QSignalBlocker(self.action):
                self.action.clear()
                for action in offered:
                    self.action.addItem(ACTION_WORDS[action], action)
                self.action.setCurrentIndex(max(0, self.action.findData(before)))
        self.subject.setText(self._names.place(place) if place else "")
        for widget in (self.subject, self.action, self.apply):
            widget.setVisible(place is not None)
        self.factor.setVisible(self.action.currentData() == "scale")

    # -- one change --------------------------------------------------------------------------

    def question(self) -> Question | None:
        """Return the network, the rows and the change."""
        session, probing = self.session, self.session.calculation.probing
        place, plan, theta = self._place, session.plan, session.theta
        if place is None or plan is None or theta is None or not plan.losses:
            return None
        change = Change(place, self.action.currentData(), self.factor.value())
        choice = change.place, change.action, change.factor
        whose = self._whose(probing.evaluated_text)
        if change.action == "mean":
            whose += f". Its output becomes its {probing.averaged_text}"
        settings = session.document.training, probing.m, whose
        return plan, theta, probing.columns, probing.averaged, *settings, choice

    def answer(self, question: Question) -> Callable[[], Any]:
        """Make the change on a copy."""
        plan, theta, columns, averaged, _training, m, _whose, choice = question
        document = self.session.document.snapshot()
        before = Baseline(document, self.session.schema, plan, theta, columns, averaged, m)
        return partial(_effect, before, Change(*choice))

    def refresh(self) -> bool:
        """Follow selection, cursor and document; the tables follow too."""
        self._offer()
        super().refresh()
        plan, theta = self.session.plan, self.session.theta
        is_there = plan is not None and theta is not None and bool(plan.losses)
        if is_there:
            self._follow_tables()
        else:
            self._drop_tables()
        if self._place is None:
            self.words.setText(_CHOOSE)
        self._show_apply()
        return is_there

    def draw(self, question: Question) -> None:
        """Write the numbers before and after."""
        *_, whose, choice = question
        document, change = self.session.document, Change(*choice)
        if isinstance(self.found, Effect) and change.place in {*document.nodes, *document.edges}:
            self.words.setText(effect_text(self._names, change, self.found, whose))
        else:
            self.words.setText(str(self.found or ""))
        self._show_apply()

    def _show_apply(self) -> None:
        is_now = isinstance(self.found, Effect) and same_question(self._drawn(), self.question())
        self.apply.setEnabled(is_now and not self.session.run.running)
        why = "Pause the run first" if self.session.run.running else "Make this edit (one undo)"
        self.apply.setToolTip(why)

    def _drawn(self) -> Question | None:
        """Return the question that ``found`` answers; None while the answer is under way."""
        return None if self.job in self.session.background.busy else self._asked

    def _apply(self) -> None:
        question = self._drawn()
        if question is not None and isinstance(self.found, Effect) and self.apply.isEnabled():
            change = Change(*question[-1])
            self.session.push(self.found.edit, change_text(self._names, change))

    def _whose(self, rows: str) -> str:
        count = self.session.run.shown_update
        when = f"after {count:,} update{'s' * (count > 1)}" if count else "before training"
        return f"{rows[:1].upper()}{rows[1:]}, {when}; penalties in, dropout off"

    # -- tables ------------------------------------------------------------------------------

    def _follow_tables(self) -> None:
        session, probing = self.session, self.session.calculation.probing
        plan, theta, training, m = session.plan, session.theta, session.document.training, probing.m
        is_ranking = self.tabs.currentWidget() is self.ranking
        columns = probing.columns if is_ranking else probing.averaged
        text = self._whose(probing.evaluated_text if is_ranking else probing.averaged_text)
        question = plan, theta, columns, training, m, text
        before = self._ranked if is_ranking else self._permuted
        is_busy = (self._ranking if is_ranking else self._inputs).is_busy
        if same_question(question, before) or (session.run.running and is_busy):
            return
        assert plan is not None
        assert theta is not None
        if is_ranking:
            self._ranked = question
            self._ranking.begin(lambda: Ranking(plan, theta, columns, training, m, GilYield()))
        else:
            self._permuted = question
            rest = GilYield()
            self._inputs.begin(
                lambda: PermutationImportance(plan, theta, columns, training, m, REPEATS, rest)
            )

    def _list_ranking(self) -> None:
        document, work = self.session.document, self._ranking.work
        if work is None or self._ranked is None:
            return
        lines = [
            (
                one.place,
                (importance_name(self._names, one), _KINDS[one.kind], signed_text(one.delta)),
            )
            for one in _listed(work, self.ranking)
            if one.place in document.edges or one.place in document.nodes
        ]
        self.ranking.show_lines(lines)
        self.ranking.words.setText(_progress(work, "cut or silenced (0)", self._ranked[-1]))

    def _list_inputs(self) -> None:
        work = self._inputs.work
        if work is None or self._permuted is None:
            return
        lines = [
            (one.place, (one.place, signed_text(one.delta), number_text(one.spread)))
            for one in _listed(work, self.inputs)
        ]
        self.inputs.show_lines(lines)
        did = f"permuted over the rows, {REPEATS} times each"
        self.inputs.words.setText(_progress(work, did, self._permuted[-1]))

    def _select(self, place: str) -> None:
        is_edge = place in self.session.document.edges
        self.session.select((), (place,)) if is_edge else self.session.select((place,))

    def _select_input(self, name: str) -> None:
        """Select the nodes that read an input."""
        document = self.session.document
        wanted = {name, split_component(name)[0]}
        readers = [
            node
            for node in document.nodes
            if (spec := document.spec(node)) is not None
            and spec.role is Role.INPUT
            and wanted & set(document.params(node).get("columns") or ())  # type: ignore[arg-type]  # column references
        ]
        self.session.select(readers)

    def hideEvent(self, event: object) -> None:
        """Ask for nothing that is not seen."""
        self._drop_tables()
        super().hideEvent(event)


_KINDS = {"edge": "cut", "unit": "silence"}


def _listed(work: Blocks, table: ImportanceTable) -> tuple[Importance, ...]:
    if table.is_descending:
        return work.found[:_LISTED]
    return tuple(sorted(work.found, key=lambda one: (isnan(one.delta), one.delta))[:_LISTED])


def _progress(work: Blocks, did: str, whose: str) -> str:
    count = f"{work.total:,}" if work.is_done else f"{work.done:,} of {work.total:,} so far,"
    more = f"; {_LISTED} are listed" if work.done > _LISTED else ""
    return f"ΔE: by how much E would be larger. {count} {did}{more}. {whose}."


def _effect(before: Baseline, change: Change) -> Effect | str:
    try:
        return effect(before, change, GilYield())
    except EditError as error:
        text = str(error)
        return f"{text[:1].upper()}{text[1:]}."
