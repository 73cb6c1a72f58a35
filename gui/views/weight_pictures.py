"""The weights of units that look at pictures, as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox

from engine.analysis.curves import symmetric_scale
from engine.analysis.pictures import WeightPictures, weight_pictures
from gui.plots.parameter_names import node_name
from gui.plots.plot_view import PlotView, Readout
from gui.widgets.color_scale import ColorScale
from gui.widgets.layouts import named
from gui.widgets.number_text import index_text, number_text
from gui.widgets.pixel_grid import PixelGrid

if TYPE_CHECKING:
    from engine.arrays.aliases import Array

_MOST = 256  # units whose pictures are drawn


class WeightPicturesView(PlotView):
    """A picture for each unit: what it weighs every pixel with; a click selects the weights."""

    title = "Pictures"
    icon = "mdi6.image-multiple-outline"
    rank = 57
    empty = (
        "Units that read a picture directly (an input of 8×8 pixels or more) show here what they "
        "weigh each pixel with."
    )

    def restart(self) -> None:
        """Forget the pictures of another document."""
        self._theta: Array | None = None
        self.found: list[WeightPictures] = []

    def build(self) -> None:
        """Make the grid and its legend."""
        self.edge = named(QComboBox(), "weights")
        self.edge.activated.connect(lambda _: self._draw())
        self.readout = Readout()
        self.scale = ColorScale("value")
        self.controls.addWidget(self.edge)
        self.controls.addWidget(self.readout, 1)
        self.controls.addWidget(self.scale)
        self.grid = named(PixelGrid(), "pictures of weights")
        self.grid.hovered.connect(self._on_hover)
        self.grid.clicked.connect(self._on_click)
        self.body.addWidget(self.grid, 1)

    def refresh(self) -> bool:
        """Draw the weights if they are new."""
        plan, theta = self.session.plan, self.session.theta
        if plan is None or theta is None:
            self.restart()
        elif theta is not self._theta:
            self._theta, self.found = theta, weight_pictures(plan, theta)
            names = [self._name(one) for one in self.found]
            if names != [self.edge.itemText(place) for place in range(self.edge.count())]:
                self.edge.clear()
                self.edge.addItems(names)
            self._draw()
        return bool(self.found)

    def _name(self, one: WeightPictures) -> str:
        document = self.session.document
        return f"{node_name(document, one.source)} → {node_name(document, one.target)}"

    @property
    def _chosen(self) -> WeightPictures | None:
        place = self.edge.currentIndex()
        return self.found[place] if 0 <= place < len(self.found) else None

    def _draw(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            limit = symmetric_scale(chosen.pictures)
            self.scale.set_limit(limit)
            self.grid.show_pictures(chosen.pictures[:_MOST], limit)
            self._on_hover(None)

    def _on_hover(self, pixel: tuple[int, int, int] | None) -> None:
        chosen = self._chosen
        if chosen is None:
            return
        units, height, width = chosen.pictures.shape
        text = f"{units} units, {height}×{width} weights each"
        if units > _MOST:
            text += f"; the first {_MOST}"
        if pixel is not None:
            unit, row, column = pixel
            weight = number_text(float(chosen.pictures[pixel]))
            text = (
                f"unit {index_text([unit])}, pixel {index_text([row, column])}: w = <b>{weight}</b>"
            )
        self.readout.setText(text)

    def _on_click(self, _unit: int) -> None:
        if self._chosen is not None:
            self.session.select((), [self._chosen.edge])
