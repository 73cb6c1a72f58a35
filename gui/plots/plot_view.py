"""What every plot view is: a widget with a title that draws itself only while it is seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QStackedLayout, QWidget

from gui.jobs.follower import Follower
from gui.session.session import Session
from gui.widgets.layouts import column, row
from gui.widgets.space_key import SpaceKey


class Readout(QLabel):
    """A line of numbers beside a plot; it is cut off rather than making the window wider."""

    def __init__(self) -> None:
        super().__init__(textFormat=Qt.TextFormat.RichText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)


class PlotView(QWidget):
    """A view of the run; subclasses fill `build` and `refresh`.

    Its content is built when it is first seen, so that a hidden view costs nothing. While a run
    is going and the view is visible, `refresh` is called for what the run publishes.

    Attributes
    ----------
    title, icon : str
        What its tab shows (icon names of qtawesome).
    rank : int
        Place among the tabs.
    empty : str
        What is shown as long as there is nothing to draw.
    job : str
        Key of the background job that computes what is drawn; none if empty.
    remedy : str
        What the button below it says, which does `mend`; none if empty.
    """

    title = ""
    icon = "mdi6.chart-line"
    rank = 100
    empty = "While the network trains, its curves appear here."
    job = ""
    remedy = ""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setAccessibleName(self.title)
        self.is_built = False
        self._stage = 0  # of building
        self._seen: tuple[int, object] = -1, None
        self._content = QWidget(self)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty_page())
        self._stack.addWidget(self._content)
        self.controls = row()
        self.body = column(self.controls, of=self._content, margins=(6, 4, 6, 4))
        self.body.setSpacing(4)
        # Timers of its own: what `QTimer.singleShot` is to call lives on if the view goes before.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.update_now)
        self._first = QTimer(self, singleShot=True, interval=0)
        self._first.timeout.connect(self.update_now)
        self._late = False
        turns = session.background, session.frames, session.publication
        self._follower = Follower(self, self.update_now, *turns, self.job)
        self._space = SpaceKey(self)
        session.training_changed.connect(self.update_now)
        session.run.published.connect(self._on_published)
        session.readings_changed.connect(self._on_numbers)
        session.edited.connect(self._on_numbers)
        session.replaced.connect(self._on_replaced)

    def _empty_page(self) -> QWidget:
        page, message = QWidget(), QLabel(self.empty, wordWrap=True)
        message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        lines = column(message, of=page, margins=(24, 8, 24, 8))
        if self.remedy:
            self.mend_button = QPushButton(self.remedy)
            self.mend_button.clicked.connect(self.mend)
            lines.addWidget(self.mend_button, 0, Qt.AlignmentFlag.AlignHCenter)
        lines.insertStretch(0)
        lines.addStretch()
        return page

    # -- for subclasses ----------------------------------------------------------------------

    def build(self) -> None:
        """Make the widgets below ``self.controls`` in ``self.body``; called once, when seen."""

    def stages(self) -> tuple[Callable[[], None], ...]:
        """Return what makes the widgets, each in a frame of its own: axes take most of one.

        It is `build` alone if a subclass does not say more.
        """
        return (self.build,)

    def refresh(self) -> bool:
        """Draw what changed since the last call; False if there is nothing to show yet."""
        return False

    def mend(self) -> None:
        """Do what gives the empty view something to show."""

    def recolor(self) -> None:
        """Take on the colours of the theme; called when it changes."""

    def restart(self) -> None:
        """Forget what was drawn, if anything was: the document is another."""

    def has_news(self) -> bool:
        """Tell whether the run has published anything since the last call."""
        run = self.session.run
        seen = run.changes, run.history
        news = seen != self._seen
        self._seen = seen
        return news

    def show_content(self, *, shown: bool) -> None:
        """Show what was drawn, or the words of an empty view."""
        self._stack.setCurrentIndex(int(shown))

    # -- drawing while seen ------------------------------------------------------------------

    @property
    def is_seen(self) -> bool:
        """Whether any of it can be seen; a dock behind another tab is visible only by name."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def update_now(self) -> None:
        """Refresh at once if the view is seen, else as soon as it is."""
        self._late = not self.is_seen
        if self._late:
            return
        if not self.is_built:
            self._build_next()
            self._soon.start()  # building alone fills a frame
            return
        self._stack.setCurrentIndex(int(self.refresh()))

    def update_soon(self) -> None:
        """Refresh in a moment."""
        self._soon.start()

    def _build_next(self) -> None:
        self._stage += 1
        (self.restart, *self.stages(), self._finish)[self._stage - 1]()

    def _finish(self) -> None:
        self.is_built = True
        self._space.serve(self)
        self.recolor()

    def _on_published(self) -> None:
        if not self.is_seen:
            self._late = True
        else:
            self._follower.follow()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Make up for what was not drawn while the view could not be seen."""
        super().paintEvent(event)
        if self._late:
            self._late = False
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Build and draw."""
        super().showEvent(event)
        self._first.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nobody wait for it."""
        self._follower.stop()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.is_built:
            self.recolor()
            self.update_now()

    def _on_numbers(self, _edit: object = None) -> None:
        """Follow single steps and undo, which leave the run's state as it was."""
        if not self.session.run.running:
            self.update_now()

    def _on_replaced(self) -> None:
        if self.is_built:
            self.restart()
        self.update_now()
