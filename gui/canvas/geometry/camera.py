"""Where on the widget a point of the scene is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

LEAST, MOST = 0.02, 4.0  # scales between which the user can zoom
_CLOSEST_FIT = 2.0  # a fit never magnifies further: a lone node should not fill the window

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Widget = scale · scene + (tx, ty), in logical pixels; immutable, so it can be compared."""

    scale: float = 1.0
    tx: float = 0.0
    ty: float = 0.0

    def to_scene(self, x: float, y: float) -> tuple[float, float]:
        """Return the scene point drawn at a widget point."""
        return (x - self.tx) / self.scale, (y - self.ty) / self.scale

    def to_widget(self, x: float, y: float) -> tuple[float, float]:
        """Return the widget point at which a scene point is drawn."""
        return x * self.scale + self.tx, y * self.scale + self.ty

    def panned(self, dx: float, dy: float) -> Camera:
        """Return the camera moved by so many widget pixels."""
        return replace(self, tx=self.tx + dx, ty=self.ty + dy)

    def zoomed(self, factor: float, x: float, y: float) -> Camera:
        """Return the camera zoomed by a factor, the scene point under (x, y) staying there."""
        scale = min(max(self.scale * factor, LEAST), MOST)
        sx, sy = self.to_scene(x, y)
        return Camera(scale, x - sx * scale, y - sy * scale)

    def visible(self, width: float, height: float) -> Rect:
        """Return the part of the scene seen in a widget of this size."""
        return (*self.to_scene(0, 0), *self.to_scene(width, height))


def fitted(bounds: Rect, width: float, height: float, margin: float = 24.0) -> Camera:
    """Return the camera that shows ``bounds`` centred, ``margin`` pixels around it left free."""
    left, top, right, bottom = bounds
    across = max(width - 2 * margin, 1.0) / max(right - left, 1.0)
    down = max(height - 2 * margin, 1.0) / max(bottom - top, 1.0)
    scale = min(max(min(across, down), LEAST), _CLOSEST_FIT)
    x, y = (left + right) / 2, (top + bottom) / 2
    return Camera(scale, width / 2 - x * scale, height / 2 - y * scale)
