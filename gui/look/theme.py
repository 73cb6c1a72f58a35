"""Colours of the editor, light and dark, and the two diverging colour maps.

Values run from blue (negative) to orange (positive), gradients from violet to green; both pairs
stay apart for red-green and blue-yellow colour blindness. The maps are steeper near zero than at
the ends (`level`), so that small numbers keep a sign that can be seen; the legend says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from engine.arrays.aliases import Array

Keys: TypeAlias = NDArray[np.uint8]
ThemeChoice: TypeAlias = Literal["system", "light", "dark"]

# Fusion draws the frame of an empty box darker than the window: invisible in the dark
_BOXES = """
QCheckBox::indicator:unchecked, QTreeView::indicator:unchecked,
QTableView::indicator:unchecked, QListView::indicator:unchecked {{
    border: 1px solid {edge}; border-radius: 2px; background: {inside};
    width: 11px; height: 11px; margin: 1px;
}}
"""
STEPS = 17  # colours of a map; the middle one is zero
UNKNOWN = STEPS  # key of "there is no number"
_STEEPNESS = 0.6
DECADES = 8  # that a logarithmic map spans


@dataclass(frozen=True, slots=True)
class Diverging:
    """A colour map around zero: colours of −1, −½, 0, ½ and 1, and of an absent number."""

    negative: str
    less: str
    zero: str
    more: str
    positive: str
    unknown: str


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour the editor draws with, as ``#rrggbb``.

    ``values`` and ``gradients`` are the diverging maps; ``groups`` the accents of the kinds'
    palette groups. Texts on ``background``, ``surface`` and ``plate`` have a contrast of at
    least 4.5:1.
    """

    name: str
    background: str
    grid: str
    surface: str
    border: str
    plate: str
    text: str
    muted: str
    selection: str
    accent: str
    good: str
    warning: str
    bad: str
    shadow: str
    frame: str
    values: Diverging
    gradients: Diverging
    groups: Mapping[str, str]

    @property
    def is_dark(self) -> bool:
        """Whether texts are light."""
        return self.name == "dark"

    def group(self, name: str) -> QColor:
        """Return the accent of a palette group; groups of other packages share one."""
        return QColor(self.groups.get(name, self.muted))


DARK = Theme(
    name="dark",
    background="#15171c",
    grid="#2a2e37",
    surface="#23262f",
    border="#3b404c",
    plate="#1c1f26",
    text="#eceef3",
    muted="#a3abba",
    selection="#ffffff",
    accent="#6ea8ff",
    good="#4fd18b",
    warning="#f2b33d",
    bad="#ff6b6b",
    shadow="#000000",
    frame="#8b93a5",
    values=Diverging("#64b0ff", "#2f73d6", "#444b59", "#cf7623", "#ffac55", "#353a45"),
    gradients=Diverging("#c79bff", "#8450dd", "#444b59", "#1fa563", "#62eba5", "#353a45"),
    groups={
        "sources": "#2fb6a7",
        "units": "#7482f5",
        "linear": "#4f9bd6",
        "arithmetic": "#8b98ad",
        "activations": "#d9a534",
        "regularising": "#b5835f",
        "losses": "#e35d76",
    },
)
LIGHT = Theme(
    name="light",
    background="#f4f5f8",
    grid="#d8dce4",
    surface="#ffffff",
    border="#c3c9d4",
    plate="#ffffff",
    text="#1a1e27",
    muted="#5a6372",
    selection="#11151c",
    accent="#2466d1",
    good="#12824a",
    warning="#b36a00",
    bad="#cf2f3d",
    shadow="#5b6478",
    frame="#8790a1",
    values=Diverging("#0d55b8", "#6fa8ee", "#ccd2dc", "#f3a157", "#d95f00", "#e3e6ec"),
    gradients=Diverging("#661fc9", "#b18df0", "#ccd2dc", "#5fc492", "#067a3d", "#e3e6ec"),
    groups={
        "sources": "#1d9c8f",
        "units": "#5968e8",
        "linear": "#3c86c2",
        "arithmetic": "#76839a",
        "activations": "#c08a12",
        "regularising": "#a06b45",
        "losses": "#d4435e",
    },
)


def of(palette: QPalette) -> Theme:
    """Return the theme that goes with a palette: dark if its windows are."""
    return DARK if palette.color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def apply(app: QApplication, choice: ThemeChoice = "system") -> Theme:
    """Give the whole program the light or dark theme, or the system's, and return it."""
    schemes = {
        "system": Qt.ColorScheme.Unknown,
        "light": Qt.ColorScheme.Light,
        "dark": Qt.ColorScheme.Dark,
    }
    hints = app.styleHints()
    hints.setColorScheme(schemes[choice])
    dark = hints.colorScheme() is Qt.ColorScheme.Dark if choice == "system" else choice == "dark"
    theme = DARK if dark else LIGHT
    app.setPalette(palette(theme))
    app.setStyleSheet(_BOXES.format(edge=theme.frame, inside=theme.background))
    return theme


def palette(theme: Theme) -> QPalette:
    """Return the widget palette of a theme."""
    role = QPalette.ColorRole
    result = QPalette()
    for name, color in {
        role.Window: theme.plate if theme.is_dark else theme.background,
        role.WindowText: theme.text,
        role.Base: theme.background if theme.is_dark else theme.surface,
        role.AlternateBase: theme.surface if theme.is_dark else theme.background,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.surface,
        role.ButtonText: theme.text,
        role.BrightText: theme.bad,
        role.ToolTipBase: theme.plate,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.background,
        role.Link: theme.accent,
        role.Light: theme.border,
        role.Midlight: theme.grid,
        role.Mid: theme.border,
        role.Dark: theme.grid if theme.is_dark else theme.frame,
        role.Shadow: theme.shadow,
    }.items():
        result.setColor(name, QColor(color))
    for name in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.frame))
    return result


def level(x: Array | float, scale: float, *, log: bool = False) -> Array:
    """Return where numbers lie in a map, from −1 to 1: sign(x)·|x/scale|^0.6, clipped.

    By orders of magnitude (``log``) each of the `DECADES` below the scale has an equal share, and
    what is smaller is 0. NaN stays NaN. ``scale`` is the number that gets the full colour.
    """
    ratio = np.clip(np.asarray(x, dtype=float) / scale, -1.0, 1.0)
    size = np.abs(ratio)
    if log:
        size = np.maximum(1.0 + np.log10(np.maximum(size, 1e-300)) / DECADES, 0.0)
    else:
        size = size**_STEEPNESS
    return np.asarray(np.sign(ratio) * size)


def keys(x: Array, scale: float, *, log: bool = False) -> Keys:
    """Return the colour number of each x: 0 (−scale) … 16 (+scale), or `UNKNOWN` for NaN."""
    place = np.rint((level(x, scale, log=log) + 1.0) * (STEPS // 2))
    return np.where(np.isnan(place), UNKNOWN, place).astype(np.uint8)


@lru_cache
def colors(diverging: Diverging) -> tuple[QColor, ...]:
    """Return the colours by key: `STEPS` of the map, then the one of `UNKNOWN`."""
    steps = [color_at(diverging, 2 * key / (STEPS - 1) - 1) for key in range(STEPS)]
    return (*steps, QColor(diverging.unknown))


def mixed(first: QColor | str, second: QColor | str, share: float) -> QColor:
    """Return the mixture with ``share`` (0…1) of the second colour."""
    a, b = QColor(first), QColor(second)
    return QColor(
        round(a.red() + (b.red() - a.red()) * share),
        round(a.green() + (b.green() - a.green()) * share),
        round(a.blue() + (b.blue() - a.blue()) * share),
    )


def mixtures(first: QColor | str, second: QColor | str, shares: Array) -> Keys:
    """Return many mixtures at once, as `mixed` makes them: (n, 3), red, green and blue."""
    ends = QColor(first), QColor(second)
    a, b = np.array([[one.red(), one.green(), one.blue()] for one in ends], np.float64)
    mixed: Keys = np.rint(a + (b - a) * shares[:, None]).astype(np.uint8)
    return mixed


def ink_on(color: QColor) -> QColor:
    """Return black or white, whichever reads better on a colour by its luminance."""
    return QColor("#0c0e12") if luminance(color) > 0.179 else QColor("#ffffff")


def luminance(color: QColor) -> float:
    """Return the relative luminance of a colour, 0…1 (WCAG 2.1)."""
    channels = np.array([color.redF(), color.greenF(), color.blueF()])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def color_at(diverging: Diverging, place: float) -> QColor:
    """Return the colour at a place of the map, −1…1."""
    half, end = (
        (diverging.more, diverging.positive) if place > 0 else (diverging.less, diverging.negative)
    )
    size = 2 * min(abs(place), 1.0)
    return mixed(diverging.zero, half, size) if size < 1 else mixed(half, end, size - 1)


def icon(name: str, color: QColor | str) -> QIcon:
    """Return an icon of qtawesome (``mdi6.play``) in a colour."""
    import qtawesome

    drawn: QIcon = qtawesome.icon(name, color=color)
    return drawn


# Okabe and Ito's set, darkened or lightened until each has a contrast of 3:1 with the background
_LIGHT = ("#0072b2", "#b85c00", "#00855f", "#a6518a", "#2b7fa8", "#8a7000", "#c0392b", "#555555")
_DARK = ("#56b4e9", "#f0a030", "#2fcf9f", "#e29ac7", "#8fd0f5", "#f0e442", "#ff8f6b", "#bbbbbb")


def series_color(index: int, palette: QPalette) -> QColor:
    """Return the colour of the curve number ``index``; they repeat after eight."""
    dark = palette.color(QPalette.ColorRole.Base).lightnessF() < 0.5
    colors = _DARK if dark else _LIGHT
    return QColor(colors[index % len(colors)])
