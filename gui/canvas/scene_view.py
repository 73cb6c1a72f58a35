"""The part of the canvas that is looked at: camera, painting, motion."""

from __future__ import annotations

import time
from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from graph.model.edits import Position
from gui.canvas import export_picture
from gui.canvas.animation_clock import AnimationClock
from gui.canvas.geometry.camera import Camera, fitted
from gui.canvas.geometry.shapes import HEIGHT, WIDTH
from gui.canvas.layers import legend
from gui.canvas.layers.captions import font
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.scale_buttons import ScaleButtons
from gui.canvas.scene import Scene
from gui.canvas.session_mirror import Mirror
from gui.look import theme
from gui.session.session import Session
from gui.widgets.override_guard import guarded

_HINT = "Drag from the palette, or press Tab to search"
_REVEAL = 60.0  # pixels kept free around a node that is brought into view


class SceneView(QWidget):
    """Shows a session's document and moves the view; what the mouse does is `GraphCanvas`."""

    camera_changed = Signal()  # the view was moved or zoomed

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.camera = Camera()
        self.mirror = Mirror(session, self)
        self._scale_buttons = ScaleButtons(self.mirror, self)
        self._clock = AnimationClock(self)
        self._motion = True
        self._keeps_fit = True
        self._larger = 1.0
        self._theme = theme.of(self.palette())
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(200, 120)
        self.mirror.changed.connect(self._on_changed)
        self.mirror.replaced.connect(self.fit)
        session.edited.connect(self._keep_view)
        self.mirror.fresh_readings.connect(self._on_readings)
        session.training_changed.connect(self._on_training)
        self._clock.ticked.connect(self._on_tick)

    @property
    def scene(self) -> Scene:
        """What is drawn."""
        return self.mirror.scene

    @property
    def view(self) -> Viewport:
        """What a frame of the widget shows now."""
        return Viewport(
            self.camera,
            self.width(),
            self.height(),
            self.devicePixelRatioF(),
            self._theme,
            self._larger,
        )

    # -- the view -----------------------------------------------------------------------------

    def set_camera(self, camera: Camera) -> None:
        """Move or zoom the view."""
        self._keeps_fit = False
        self._look(camera)

    def fit(self) -> None:
        """Show everything; the view follows the widget's size until it is moved by hand."""
        bounds = export_picture.extent(self.scene)
        free = self._free_height()
        self._look(fitted(bounds, self.width(), free) if bounds else self._start())
        self._keeps_fit = True

    def _keep_view(self, _edit: object) -> None:
        """Stay where somebody draws, whatever size the widget gets meanwhile."""
        self._keeps_fit = False

    def _free_height(self) -> float:
        """Return the height above the legend."""
        return self.height() - legend.height(self.width(), self.height())

    def zoom_to(self, nodes: Iterable[str]) -> None:
        """Show these nodes as large as they fit."""
        bounds = self.scene.arrays.bounds(nodes)
        if bounds:
            self.set_camera(fitted(bounds, self.width(), self._free_height(), 80.0))

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle."""
        self.set_camera(self.camera.zoomed(factor, self.width() / 2, self.height() / 2))

    def reveal(self, node: str) -> None:
        """Move the view, if need be, so that a node is seen whole."""
        arrays = self.scene.arrays
        x, y = self.camera.to_widget(*arrays.position[arrays.node_row[node]])
        half_x = WIDTH / 2 * self.camera.scale + _REVEAL
        half_y = HEIGHT / 2 * self.camera.scale + _REVEAL
        dx = max(half_x - x, 0.0) or min(self.width() - half_x - x, 0.0)
        dy = max(half_y - y, 0.0) or min(self._free_height() - half_y - y, 0.0)
        if dx or dy:
            self.set_camera(self.camera.panned(dx, dy))

    def scene_position(self, at: QPoint | QPointF) -> Position:
        """Return the scene point under a point of the widget."""
        return self.camera.to_scene(at.x(), at.y())

    def global_position(self, at: QPoint) -> Position:
        """Return the scene point under a point of the screen."""
        return self.scene_position(self.mapFromGlobal(at))

    def middle(self) -> Position:
        """Return the scene point in the middle of the view."""
        return self.scene_position(self.rect().center())

    def mouse_position(self) -> Position:
        """Return the scene point under the mouse; the middle of the view if it is elsewhere."""
        at = self.mapFromGlobal(QCursor.pos())
        return self.scene_position(at) if self.rect().contains(at) else self.middle()

    def _look(self, camera: Camera) -> None:
        if camera != self.camera:
            self.camera = camera
            self.camera_changed.emit()
            self.update()

    def _start(self) -> Camera:
        return Camera(1.0, self.width() / 2, self.height() / 2)

    # -- motion -------------------------------------------------------------------------------

    def set_motion(self, motion: bool) -> None:  # a plain setter
        """Let things move by themselves, or not."""
        self._motion = motion
        self._on_training()

    def set_dimming(self, dims: bool) -> None:  # a plain setter
        """Make wires that do not touch the selected nodes faint, or not."""
        self.mirror.dims = dims
        self.mirror.refresh_highlights()

    def enlarge(self, larger: float) -> None:
        """Draw type and strokes so many times as large as usual."""
        self._larger = larger
        self.update()

    @property
    def moves(self) -> bool:
        """Whether the clock ticks."""
        return self._clock.running

    def _on_training(self) -> None:
        pulses = self.scene.pulses
        pulses.streaming = self._motion and self.session.run.running
        if not self._motion:
            pulses.stop()
        self._animate(on=pulses.moving and self.isVisible())
        self.update()

    def _on_readings(self) -> None:
        """After an update or an edit, send one wave through the graph; none inside an update."""
        if self.session.stepper.at is not None:
            self.scene.pulses.end_wave()
        elif self._motion and self.isVisible() and not self.session.run.running:
            self.scene.pulses.start_wave()
            self._animate(on=True)

    def _on_changed(self) -> None:
        if not self.moves:  # else the next tick draws it
            self.update()

    def _on_tick(self, seconds: float) -> None:
        pulses = self.scene.pulses
        pulses.advance(seconds)
        if not pulses.moving:
            self._animate(on=False)
        if not self.session.frames.run_next():
            self.update()

    def _animate(self, *, on: bool) -> None:
        self._clock.run(on=on)
        self.session.frames.animating = on

    # -- painting -----------------------------------------------------------------------------

    def paint_over(self, painter: QPainter, view: Viewport) -> None:
        """Draw over the scene; for subclasses."""

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a frame."""
        start = time.perf_counter()
        view, scene = self.view, self.scene
        with QPainter(self) as painter:
            scene.draw(painter, view)
            if scene.hidden_edges:
                self._write_hidden(painter, view)
            if not scene.arrays.nodes and not scene.document.comments:
                self._write_hint(painter, view)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_over(painter, view)
        if self.moves:
            scene.budget.note((time.perf_counter() - start) * 1e3)

    def _write_hint(self, painter: QPainter, view: Viewport) -> None:
        painter.setFont(font(16))
        painter.setPen(QColor(view.theme.muted))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, _HINT)

    def _write_hidden(self, painter: QPainter, view: Viewport) -> None:
        hidden, all_ = self.scene.hidden_edges, len(self.scene.arrays.edges)
        text = f"the {all_ - hidden:,} strongest of {all_:,} wires are drawn".replace(",", " ")
        painter.setFont(font(11))
        painter.setPen(QColor(view.theme.muted))
        box = QRectF(0, self._free_height() - 24, self.width() - 12, 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, text)

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep everything in view, or keep the middle in the middle."""
        super().resizeEvent(event)
        self._scale_buttons.place(self.width(), self.height())
        if self._keeps_fit:
            self.fit()
            return
        grown = event.size() - event.oldSize()
        self._look(self.camera.panned(grown.width() / 2, grown.height() / 2))

    @guarded()
    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._theme = theme.of(self.palette())
            self.update()

    @guarded()
    def hideEvent(self, event: QEvent) -> None:
        """Stop moving while nobody sees it."""
        self._animate(on=False)

    @guarded()
    def showEvent(self, event: QEvent) -> None:
        """Move again."""
        self._scale_buttons.recolor()
        self._on_training()
