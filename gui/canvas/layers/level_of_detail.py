"""How much is drawn: what a frame looks at, the level of detail, and the budget of edges."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from statistics import median

from engine.arrays.aliases import Floats
from gui.canvas.geometry.camera import Camera, Rect
from gui.canvas.geometry.shapes import HEADER, HEIGHT
from gui.look.theme import Theme

LEAST_TEXT = 9.0  # pixels of the smallest text that is written
_MID = 0.15
_NAMED = 0.26  # from here a name and two bars fit one above the other
_NEAR = LEAST_TEXT / 22.5  # from here two numbers of that size fit a node that shows nothing else
_ROOMY = LEAST_TEXT / 15.8  # from here three narrow ones fit beside the kind's sign
_USUAL = LEAST_TEXT / 12.0  # and from here usual ones, with whole names
WRITTEN_WEIGHTS = 0.55  # scale from which weights are written on the edges
_ENOUGH = 10  # frames before the budget changes
FEW_EDGES = 600  # as many can be antialiased in time


class Detail(IntEnum):
    """Far: coloured boxes and straight wires; mid: bars; near: ports, texts and numbers."""

    FAR = 0
    MID = 1
    NEAR = 2


@dataclass(frozen=True, slots=True)
class Viewport:
    """What one frame shows: where, how large (logical pixels), how sharp, in which colours.

    ``larger`` is how many times as large as usual type and strokes are, for a projector.
    """

    camera: Camera
    width: float
    height: float
    ratio: float
    theme: Theme
    larger: float = 1.0

    @property
    def detail(self) -> Detail:
        """Level of detail; decided by the scale alone, so that partial repaints match."""
        scale = self.camera.scale
        return Detail.FAR if scale < _MID else Detail.MID if scale < _NEAR else Detail.NEAR

    @property
    def compact(self) -> bool:
        """Whether nodes are so small that their numbers take the place of the symbol."""
        return self.detail is Detail.NEAR and self.camera.scale < _ROOMY

    @property
    def header(self) -> float:
        """Height of a node's title bar in scene units; at a distance enough for the name."""
        least = (LEAST_TEXT + 2.0) / self.camera.scale
        return min(max(HEADER, least), HEIGHT / 2) if self.named else HEADER

    @property
    def named(self) -> bool:
        """Whether nodes are large enough for their names."""
        return self.camera.scale >= _NAMED

    @property
    def narrow(self) -> bool:
        """Whether numbers are as small as they can be read, and names are short."""
        return self.camera.scale < _USUAL

    @property
    def scene(self) -> Rect:
        """The part of the scene that is seen."""
        return self.camera.visible(self.width, self.height)

    @property
    def pixels(self) -> float:
        """Physical pixels per scene unit."""
        return self.camera.scale * self.ratio

    def to_pixels(self, points: Floats) -> tuple[Floats, Floats]:
        """Return x and y of scene points (k, 2) in physical pixels."""
        camera, ratio = self.camera, self.ratio
        return (
            (points[:, 0] * camera.scale + camera.tx) * ratio,
            (points[:, 1] * camera.scale + camera.ty) * ratio,
        )


class EdgeBudget:
    """How many edges a frame may draw, so that frames stay within their time.

    Falls by half while frames take long and grows again while they are quick.
    """

    def __init__(self, least: int = 3000, most: int = 8000) -> None:
        self.edges = most
        self._least, self._most = least, most
        self._times: deque[float] = deque(maxlen=2 * _ENOUGH)

    def note(self, milliseconds: float) -> None:
        """Take into account how long a frame took."""
        self._times.append(milliseconds)
        if len(self._times) < _ENOUGH:
            return
        middle = median(self._times)
        if middle > 12.0 and self.edges > self._least:
            self.edges = max(self.edges // 2, self._least)
            self._times.clear()
        elif middle < 6.0 and self.edges < self._most:
            self.edges = min(self.edges * 5 // 4, self._most)
            self._times.clear()
