"""The plot views, found by folder: each module here declares one subclass of ``gui.view.View``.

Reading order: ``loss``, ``gradients``, then the smaller ones. A view draws; what it draws is
computed by the function of the same name in ``engine.analysis``. Views import pyqtgraph only when
they are first seen, because it takes longer to import than the window takes to appear.
"""

from __future__ import annotations

import importlib
import pkgutil

from gui.view import View


def view_classes() -> list[type[View]]:
    """Import every module of this folder and return its view, in the order of the tabs."""
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
    return sorted(View.__subclasses__(), key=lambda view: (view.rank, view.title))
