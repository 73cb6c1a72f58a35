"""One who sits before the real window, presses keys, and reads what it shows."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest

from engine.headless import examples
from engine.library import library
from gui.canvas.layers.digit_glyphs import text
from gui.canvas.layers.wire_labels import wire_text
from gui.documents.document_files import Prompts
from gui.settings import Settings
from gui.shell.window import Window

if TYPE_CHECKING:
    from tests.window.conftest import Desktop

Numbers: TypeAlias = NDArray[np.float64]

_PATIENCE = 60.0  # seconds, on a busy machine


@dataclass(frozen=True)
class Page:
    """All that the window shows at one moment.

    Parameters
    ----------
    sentence : str
        Of the step bar: which stop it is, and what becomes known there.
    error : str
        Of the run bar.
    wires_show : str
        What the wires show.
    nodes : mapping
        Numbers of each node by their names on the canvas (``s``, ``z``, ``δ``, ``∂E/∂z``),
        (width,); NaN is blank.
    wires : mapping
        The number of each wire; NaN is blank.
    sources : mapping
        The node from which each wire comes.
    labels : mapping
        What is written on the wires that have a number.
    under : mapping
        What is written under each node: its parameters and their derivatives.
    lit_nodes, lit_wires : frozenset of str
        Where the cursor is drawn.
    heading, about : str
        Of the explanation: what it explains, and of which rows and update.
    lines : tuple of str
        Of the explanation.
    entries : array
        Its number, of a vector or matrix all of them; None without an explanation.
    shares : tuple
        What each row gives to a mean, as the table beside the explanation lists it.
    """

    sentence: str
    error: str
    wires_show: str
    nodes: Mapping[str, Mapping[str, Numbers]]
    wires: Mapping[str, float]
    sources: Mapping[str, str]
    labels: Mapping[str, str]
    under: Mapping[str, Mapping[str, str]]
    lit_nodes: frozenset[str]
    lit_wires: frozenset[str]
    heading: str = ""
    about: str = ""
    lines: tuple[str, ...] = ()
    entries: Numbers | None = None
    shares: tuple[tuple[str, float], ...] = ()

    def differences(self, other: Page) -> dict[str, tuple[object, object]]:
        """Return what of another page is not the same, by name; blank is blank."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in self._compared}
        return {name: pair for name, pair in pairs.items() if repr(pair[0]) != repr(pair[1])}

    @property
    def _compared(self) -> list[str]:
        return [field.name for field in fields(self) if field.name != "about"]


class Reader:
    """Opens examples, presses keys as a user does, and reads the window."""

    def __init__(self, desktop: Desktop, home: Path) -> None:
        self.desktop = desktop
        store = QSettings(str(home / "settings.ini"), QSettings.Format.IniFormat)
        prompts = Prompts(lambda _: None, lambda _: None, lambda _: "discard")
        self.window = Window(library(), Settings(store, home / "data"), prompts)
        self.window.resize(1600, 950)
        self.window.show()
        QTest.qWaitForWindowExposed(self.window)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds; looks often, for there are many keys to press."""
        end = time.monotonic() + _PATIENCE
        while not condition():
            assert time.monotonic() < end, "what is waited for does not come true"
            QTest.qWait(1)

    # -- doing ----------------------------------------------------------------------------------

    def open(self, name: str, *, is_explained: bool = True) -> None:
        """Open an example and wait until it has numbers; the explanation is seen, or not."""
        self.window.documents.open(examples.path(name))
        self.until(lambda: self.window.session.stepper.score is not None)
        self.until(lambda: self.window.session.readings is not None)
        self.window.raise_dock("explanation")
        self.window.docks["explanation"].setVisible(is_explained)
        self.until(self.window.run_bar.row.isVisible)
        self.take_focus()

    def take_focus(self) -> None:
        """Bring the window before the user, the keys going to the canvas."""
        window = str(int(self.window.winId()))

        def has_it() -> bool:
            self.desktop.run("windowactivate", window, check=False)
            self.window.canvas.setFocus()
            return self.window.canvas.hasFocus() and self.window.isActiveWindow()

        self.until(has_it)

    def choose_row(self, row: int) -> None:
        """Type a row of the data, from 1, into the run bar; 0 is the mean over the batch."""
        field = self.window.run_bar.row
        place = field.mapToGlobal(field.rect().center())
        self.desktop.click(place.x() - 15, place.y())
        self.until(field.hasFocus)
        self.desktop.key("ctrl+a")
        self.desktop.key(*str(row), "Return")
        session = self.window.session
        self.until(lambda: session.row == (row - 1 if row else None))
        self.desktop.run("mousemove", "5", "5")  # to move is what the next click waits for
        self.take_focus()

    def press(self, key: str) -> Page:
        """Press a key that moves the cursor; return what is shown then."""
        stepper = self.window.session.stepper
        before = stepper.stop, self.window.session.run.shown_update
        self.desktop.run("key", "--delay", "0", key)
        self.until(lambda: (stepper.stop, self.window.session.run.shown_update) != before)
        return self.read()

    def quantities(self) -> list[str]:
        """Return what becomes known at each stop of an update."""
        return [stop.quantity for stop in self.window.session.stepper.score or ()]

    def parameters(self) -> dict[str, Numbers]:
        """Return the parameters that an update begins with; a single number as (1,)."""
        session = self.window.session
        assert session.plan is not None
        values = {name: session.value(name) for name in session.plan.parameters.names}
        known = {name: value for name, value in values.items() if value is not None}
        return {
            name: np.array(value.reshape(-1) if value.size == 1 else value, np.float64)
            for name, value in known.items()
        }

    def training_rows(self) -> NDArray[np.int64]:
        """Return the rows of the data that the split gives to training."""
        prepared = self.window.session.prepared
        assert prepared is not None
        return np.asarray(prepared.splits["train"], np.int64)

    # -- reading ---------------------------------------------------------------------------------

    def read(self) -> Page:
        """Return what is shown, as soon as its explanation is there."""
        window, session = self.window, self.window.session
        at, shown = session.stepper.at, window.explanation.page

        def is_explained() -> bool:
            answer = shown.answer
            assert at is not None
            return answer is not None and answer.quantity.partition("[")[0] == at.quantity

        def is_up_to_date() -> bool:
            readings, theta = session.calculation.probing.readings, session.theta
            return (
                readings is not None and theta is not None and np.array_equal(readings.theta, theta)
            )

        is_seen = self.window.explanation.isVisible()
        self.until(is_explained if at is not None and is_seen else is_up_to_date)
        answer = shown.answer if at is not None and is_seen else None
        scene = window.canvas.mirror.scene
        arrays, shading = scene.arrays, scene.shading
        lit = scene.highlights.marks.states["cursor"].tolist()
        widths = scene.highlights.marks.widths
        return Page(
            sentence=window.step_bar.text.text() if window.step_bar.isVisible() else "",
            error=window.run_bar.error.text(),
            wires_show=window.run_bar.shown.currentText(),
            nodes={node: self._node(row) for node, row in arrays.node_row.items()},
            wires={edge: float(shading.wire[row]) for edge, row in arrays.edge_row.items()},
            sources={edge.id: edge.source for edge in session.document.edges.values()},
            labels={
                edge: wire_text(arrays, shading, row, widths)
                for edge, row in arrays.edge_row.items()
                if not math.isnan(shading.wire[row])
            },
            under={
                arrays.nodes[row]: dict(pair for one in several for pair in one.parts(text))
                for row, several in scene.parameters.items()
            },
            lit_nodes=frozenset(arrays.nodes[row] for row in lit),
            lit_wires=frozenset(arrays.edges[row] for row in scene.highlights.strong.tolist()),
            heading=shown.heading.text() if answer is not None else "",
            about=shown.about.text() if answer is not None else "",
            lines=tuple(shown.formula.text().split("\n")) if answer is not None else (),
            entries=None if answer is None else answer.entries.astype(np.float64),
            shares=tuple((one.name, one.value) for one in answer.shares) if answer else (),
        )

    def _node(self, row: int) -> dict[str, Numbers]:
        scene = self.window.canvas.mirror.scene
        arrays, shading = scene.arrays, scene.shading
        has_net = bool(arrays.has_net[row])
        slope = "δ" if has_net else "∂E/∂z"
        numbers = {"z": shading.value[row], slope: shading.delta[row]}
        if has_net:
            numbers["s"] = shading.net[row]
        found = {name: np.array([number]) for name, number in numbers.items()}
        if row in shading.vectors:
            width = scene.highlights.marks.widths[row]
            blank = np.full(width, math.nan)
            found = {
                "z": shading.strips.get(row, blank),
                slope: shading.delta_strips.get(row, blank),
            }
        return found

    def close(self) -> None:
        """Close the window."""
        self.window.close()
        self.window.deleteLater()
