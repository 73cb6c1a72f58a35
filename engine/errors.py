"""Errors of the engine (the tree is drawn in ``graph.errors``)."""

from __future__ import annotations

from graph.errors import GradwireError


class PlanError(GradwireError):
    """A document that cannot be compiled.

    Parameters
    ----------
    message : str
        One sentence: what is wrong and what to do.
    node, port : str
        Where; empty if it concerns the whole document.
    """

    def __init__(self, message: str, node: str = "", port: str = "") -> None:
        self.message, self.node, self.port = message, node, port
        place = f"{node}.{port}" if port else node
        super().__init__(f"{place}: {message}" if place else message)


class ShapeError(PlanError):
    """Widths that do not go together at one port."""


class DataError(GradwireError):
    """Data that cannot be used; the text names file, row and column."""


class TrainingError(GradwireError):
    """Settings that cannot be used together."""


class DivergedError(TrainingError):
    """A number stopped being finite.

    Parameters
    ----------
    step : int
        Update at which it arose, from 0.
    place : str
        The node, edge or parameter where it arose first.
    """

    def __init__(self, step: int, place: str) -> None:
        self.step, self.place = step, place
        super().__init__(
            f"a number at {place!r} is no longer finite in step {step}; "
            "lower the learning rate or clip the gradient"
        )
