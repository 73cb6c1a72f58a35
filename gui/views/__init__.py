"""The plot views, found by folder: each module here declares one subclass of `PlotView`.

Reading order: ``loss``, ``metrics``, ``gradients``, ``histograms``, ``depth``, ``loss_slice``,
``loss_surface``, ``activation_curve``, ``weight_pictures``, ``paths``, ``predictions``,
``regions``, ``gradient_check``, ``memory``, ``what_if``, ``symmetry``.
A view draws; what it draws is computed by a function of ``engine.analysis``. Views import pyqtgraph
only when they are first seen, because it takes longer to import than the window takes to appear.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import TypeGuard

from gui.plots.plot_view import PlotView


def view_classes() -> list[type[PlotView]]:
    """Import every module of this folder and return its views, in the order of the tabs."""
    found: list[type[PlotView]] = []
    for name in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        module = importlib.import_module(f"{__name__}.{name}")
        found += [declared for declared in vars(module).values() if _is_own(declared, module)]
    return sorted(found, key=lambda view: (view.rank, view.title))


def _is_own(declared: object, module: ModuleType) -> TypeGuard[type[PlotView]]:
    """Tell whether something is a view that a module declares, not one it imports."""
    if not isinstance(declared, type) or declared.__module__ != module.__name__:
        return False
    return issubclass(declared, PlotView)
