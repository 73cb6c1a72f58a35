"""Icons by name, loaded when the first is drawn: their fonts would keep the window waiting."""

from __future__ import annotations

from PySide6.QtGui import QColor, QIcon


def icon(name: str, color: QColor | str) -> QIcon:
    """Return an icon of qtawesome (``mdi6.play``) in a colour."""
    import qtawesome

    drawn: QIcon = qtawesome.icon(name, color=color)
    return drawn
