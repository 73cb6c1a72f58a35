"""The canvas widget: events become gestures, gestures become edits."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from graph.model.edits import Position
from gui.canvas import tooltips
from gui.canvas.geometry.shapes import HEIGHT, WIDTH, along
from gui.canvas.gestures.dispatch import begin, toggle
from gui.canvas.gestures.gesture import Gesture
from gui.canvas.gestures.keyboard import Keyboard
from gui.canvas.interaction import node_placement
from gui.canvas.interaction.input_editor import EditedRowBar, input_entry, is_input
from gui.canvas.interaction.number_editor import slot_of
from gui.canvas.interaction.popups import Popups
from gui.canvas.interaction.wire_target import PendingWire
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.layers.wire_labels import draw_port_name
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.hit_test import NOTHING, Hit, HitKind, find
from gui.canvas.palette_drop import DropView
from gui.canvas.tooltip_place import place
from gui.canvas.tooltips import Point, component_at
from gui.session.session import Session
from gui.widgets.override_guard import guarded

_HALF = np.array([[0.5]])
_NO_KEYS = Qt.KeyboardModifier.NoModifier
_NEAR = 700.0  # pixels within which a tool tip keeps clear of other nodes
_ZOOM = 1.0015  # per eighth of a degree of the wheel
_OVERRIDES = (
    Qt.Key.Key_Space,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_C,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
)


class GraphCanvas(DropView):
    """Draws the session's document and lets it be edited with mouse and keyboard.

    The wheel of a mouse zooms at the mouse, two fingers pan, Ctrl with either zooms; the middle
    button, or Space with the left one, drags the view. ``gestures`` and ``keyboard`` say the rest.
    """

    menu_requested = Signal(object, object)  # the `Hit` under the mouse, and the global point

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Network canvas")
        self._keyboard = Keyboard(self)
        self._gesture: Gesture | None = None
        self._structure = 0
        self._popups = Popups(self)
        self._drop_edge: str | None = None
        self._space = self._space_used = False
        self._pointer: QPointF | None = None
        self.edited_row = EditedRowBar(session, self)
        session.edited.connect(self._on_edited)
        session.replaced.connect(self._drop_everything)
        session.selection_changed.connect(self._describe)

    # -- what is where ------------------------------------------------------------------------

    @property
    def arrays(self) -> Arrays:
        """The document as it is drawn."""
        return self.scene.arrays

    def hit(self, at: QPoint | QPointF) -> Hit:
        """Return what is under a point of the widget; a matrix beside a wire counts as the wire."""
        x, y = self.scene_position(at)
        found = find(self.session.document, self.arrays, x, y, self.camera.scale)
        if found.part in (HitKind.NOTHING, HitKind.GROUP, HitKind.COMMENT):
            for picture in self.scene.wire_pictures:
                if picture.box.contains(QPointF(at)):
                    return Hit(HitKind.EDGE, self.arrays.edges[picture.row])
        return found

    def point_of(self, hit: Hit) -> QPoint:
        """Return a point of the widget at which a node or edge is."""
        arrays = self.arrays
        if hit.part is HitKind.EDGE:
            row = arrays.edge_row[hit.id]
            x, y = along(arrays.control[row : row + 1], _HALF)[0, 0].tolist()
        else:
            x, y = arrays.position[arrays.node_row[hit.id]].tolist()
        return QPointF(*self.camera.to_widget(x, y)).toPoint()

    def mark_target(self, node: str, *, good: bool | None) -> None:
        """Mark the node that a wire would reach as good or bad; None marks none."""
        self.mirror.mark_target(node, good=good)

    # -- adding and editing -------------------------------------------------------------------

    def add_at(self, kind: str, position: Position) -> str | None:
        """Add a node at a scene point and return its id; None if it was refused."""
        return node_placement.add(self.session, kind, position)

    def search_here(self) -> None:
        """Open the search at the mouse, or in the middle."""
        at = self._pointer if self.underMouse() else None
        self.offer(at or QPointF(self.rect().center()))

    def offer(self, at: QPointF, pending: PendingWire | None = None) -> None:
        """Open the search; what is chosen is added there, wired to the pending wire if given."""
        place = self.scene_position(at)
        self._popups.search(
            at.toPoint(),
            self.session,
            lambda spec: node_placement.fits(spec, pending),
            lambda kind: node_placement.add(self.session, kind, place, pending),
        )

    def edit_number(self, hit: Hit, at: QPointF | None = None) -> bool:
        """Open an editor on a wire's weight, a node's bias or an input; False if it has none.

        ``at`` is where the mouse is: of a vector the component there is edited.
        """
        if hit.part is HitKind.NODE and is_input(self.session, hit.id):
            return self._edit_input(hit, at)
        slot = slot_of(self.session, hit)
        if slot is not None:
            self._popups.edit(self.point_of(hit), self.session, slot)
        return slot is not None

    def _edit_input(self, hit: Hit, at: QPointF | None) -> bool:
        session = self.session
        if session.row is None and (rows := session.calculation.probing.shown_rows):
            session.set_row(rows[0])
            session.news.emit(f"Now {session.rows_text} is shown: a mean has no inputs to edit.")
        component = 0
        if at is not None:
            row = self.arrays.node_row[hit.id]
            x, y = np.subtract(self.scene_position(at), self.arrays.position[row]).tolist()
            component = component_at(self.scene, row, Point(x, y, self.view.compact)) or 0
        shown = input_entry(session, hit.id, component)
        if shown is not None:
            self._popups.edit_input(self.point_of(hit), session, shown)
        return shown is not None

    # -- the mouse ----------------------------------------------------------------------------

    @guarded()
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        self._popups.close()
        self._keyboard.cancel()
        if self._gesture is not None:
            return
        at = event.position()
        self._gesture = begin(self, at, event.button(), event.modifiers(), space=self._space)
        self._structure = self.arrays.structure
        self._space_used = self._space_used or self._space
        self._show_cursor()

    @guarded()
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow with the gesture; without one, highlight what is under the mouse."""
        self._pointer = event.position()
        if self._gesture is not None:
            self._gesture.move(event.position(), event.modifiers())
        else:
            self.mirror.hover(self.hit(event.position()))
        self._show_cursor()

    @guarded()
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture: this is where the document changes."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.release(event.position(), event.modifiers())
            self.mirror.hover(self.hit(event.position()))
        self._show_cursor()

    @guarded()
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Edit the number that is clicked, open or close a group; on the empty canvas, search."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        hit = self.hit(event.position())
        if hit.part is HitKind.NOTHING:
            self.offer(event.position())
        elif hit.part is HitKind.GROUP:
            toggle(self.session, hit.id)
        else:
            self.edit_number(hit, event.position())

    @guarded()
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the mouse, or pan with two fingers."""
        at, turned, moved = event.position(), event.angleDelta(), event.pixelDelta()
        fingers = not moved.isNull() and event.phase() is not Qt.ScrollPhase.NoScrollPhase
        keys = event.modifiers()
        if fingers and not keys & Qt.KeyboardModifier.ControlModifier:
            self.set_camera(self.camera.panned(moved.x(), moved.y()))
        elif keys & Qt.KeyboardModifier.ShiftModifier:
            self.set_camera(self.camera.panned(turned.y() + turned.x(), 0))
        else:
            self.set_camera(self.camera.zoomed(_ZOOM ** turned.y(), at.x(), at.y()))
        event.accept()

    @guarded()
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of what is under the mouse, or of what is selected."""
        hit = self.hit(event.pos())
        at = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            hit = self._selected() or NOTHING
            point = self.point_of(hit) if hit is not NOTHING else self.rect().center()
            at = self.mapToGlobal(point)
        self._select_for_menu(hit)
        self.menu_requested.emit(hit, at)

    def _select_for_menu(self, hit: Hit) -> None:
        selection = self.session.selection
        if (
            hit.part in (HitKind.NODE, HitKind.INPUT, HitKind.OUTPUT)
            and hit.id not in selection.nodes
        ):
            self.session.select([hit.id])
        elif hit.part is HitKind.EDGE and hit.id not in selection.edges:
            self.session.select(edges=[hit.id])

    def _selected(self) -> Hit | None:
        selection = self.session.selection
        for part, names in ((HitKind.NODE, selection.nodes), (HitKind.EDGE, selection.edges)):
            if names:
                return Hit(part, min(names))
        return None

    def _show_cursor(self) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if self._gesture is not None and self._gesture.dragged:
            shape = self._gesture.cursor
        elif self._space:
            shape = Qt.CursorShape.OpenHandCursor
        elif self.mirror.hovered.part in (HitKind.OUTPUT, HitKind.INPUT):
            shape = Qt.CursorShape.CrossCursor
        self.setCursor(shape)

    # -- keys ---------------------------------------------------------------------------------

    @guarded(default=False)
    def event(self, event: QEvent) -> bool:
        """Take the keys that mean something here before menus do; show tooltips; pinch."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (_NO_KEYS, Qt.KeyboardModifier.KeypadModifier)
            if plain and event.key() in _OVERRIDES:
                event.accept()
                return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_tooltip(event)
            return True
        if isinstance(event, QNativeGestureEvent):
            return self._pinch(event)
        return super().event(event)

    def _show_tooltip(self, event: QHelpEvent) -> None:
        """Explain what is under the mouse, a node beside it rather than over its neighbours."""
        hit, at = self.hit(event.pos()), event.globalPos()
        self.scene.costs = self.mirror.costs.of(self.session.plan)
        row = self.arrays.node_row.get(hit.id, -1)
        if row < 0:
            over = QPointF(event.pos())
            text = tooltips.describe(self.session, self.scene, hit, over=over)
            QToolTip.showText(at, text, self)
            return
        x, y = np.subtract(self.scene_position(event.pos()), self.arrays.position[row]).tolist()
        point = Point(x, y, self.view.compact)
        text = tooltips.describe(self.session, self.scene, hit, point)
        gap = np.abs(self.arrays.position - self.arrays.position[row]) * self.camera.scale
        near = self.arrays.shown & (gap < _NEAR).all(axis=1)
        near[row] = False
        others = map(self._box, np.flatnonzero(near).tolist())
        at = self.mapToGlobal(place(text, self._box(row), others, QRectF(self.rect())).toPoint())
        QToolTip.showText(at, text, self)

    def _box(self, row: int) -> QRectF:
        """Return where a node is drawn on the widget."""
        x, y = self.camera.to_widget(*self.arrays.position[row].tolist())
        across, down = WIDTH * self.camera.scale, HEIGHT * self.camera.scale
        return QRectF(x - across / 2, y - down / 2, across, down)

    def _pinch(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() is not Qt.NativeGestureType.ZoomNativeGesture:
            return False
        at = event.position()
        self.set_camera(self.camera.zoomed(1.0 + event.value(), at.x(), at.y()))
        return True

    @guarded()
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Cancel with Esc, pan with Space, the rest as ``keyboard`` says."""
        if event.key() == Qt.Key.Key_Escape:
            self._cancel()
        elif event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space, self._space_used = True, False
                self._show_cursor()
        elif not self._keyboard.press(event):
            super().keyPressEvent(event)

    @guarded()
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Play or pause if Space was only tapped, not held to pan."""
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat() and self._space:
            self._space = False
            if not self._space_used:
                self.session.run.toggle()
            self._show_cursor()

    @guarded(default=False)
    def focusNextPrevChild(self, forwards: bool) -> bool:  # Qt's signature
        """Keep Tab, which searches; Shift+Tab leaves the canvas."""
        return False if forwards else super().focusNextPrevChild(forwards)

    def _cancel(self) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
        elif not self._keyboard.cancel():
            if self.session.edited_row is not None:
                self.session.end_edits()
            elif self.session.selection:
                self.session.select()
            else:
                self.session.stepper.rest()
        self._show_cursor()
        self.update()

    # -- following the session ----------------------------------------------------------------

    def paint_over(self, painter: QPainter, view: Viewport) -> None:
        """Draw what the gesture shows, and the name of the port under the mouse."""
        if self._gesture is not None:
            self._gesture.paint(painter, view)
        self._draw_port_name(painter, view)
        super().paint_over(painter, view)

    def _draw_port_name(self, painter: QPainter, view: Viewport) -> None:
        hit = self.mirror.hovered
        if self._gesture is None and hit.part is HitKind.INPUT and hit.id in self.arrays.node_row:
            draw_port_name(painter, view, self.arrays, hit.id, hit.port)

    def _on_edited(self, _edit: object) -> None:
        if self._gesture is not None and self._structure != self.arrays.structure:
            self._drop_everything()

    def _drop_everything(self) -> None:
        """End what is going on: its nodes may be gone."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
        self._keyboard.cancel()
        self._popups.close()

    def _describe(self) -> None:
        """Tell screen readers what is selected."""
        selected = self._selected()
        text = tooltips.plain(self.session, self.scene, selected) if selected else ""
        self.setAccessibleDescription(text or "Nothing is selected")
