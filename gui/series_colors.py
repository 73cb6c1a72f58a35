"""Colours of curves that are told apart by colour: safe for colour-blind eyes, in both themes."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

# Okabe and Ito's set, darkened or lightened until each has a contrast of 3:1 with the background
_LIGHT = ("#0072b2", "#b85c00", "#00855f", "#a6518a", "#2b7fa8", "#8a7000", "#c0392b", "#555555")
_DARK = ("#56b4e9", "#f0a030", "#2fcf9f", "#e29ac7", "#8fd0f5", "#f0e442", "#ff8f6b", "#bbbbbb")


def series_color(index: int, palette: QPalette) -> QColor:
    """Return the colour of the curve number ``index``; they repeat after eight."""
    dark = palette.color(QPalette.ColorRole.Base).lightnessF() < 0.5
    colors = _DARK if dark else _LIGHT
    return QColor(colors[index % len(colors)])
