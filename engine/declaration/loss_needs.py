"""What a loss is defined for, as it declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

PredictionDomain: TypeAlias = Literal["any", "probability", "log_probability", "score", "margin"]
TargetDomain: TypeAlias = Literal["any", "share", "distribution", "sign"]
Arrival: TypeAlias = Literal["scores", "probabilities", "classes", "shares", "one output"]


@dataclass(frozen=True, slots=True)
class LossNeeds:
    """The numbers for which a loss says what it is meant to say.

    Parameters
    ----------
    prediction : str
        ``probability``: each component is between 0 and 1. ``log_probability``: logarithms of
        probabilities that add up to 1 in each row. ``score``: any number, because the loss itself
        applies what makes a probability of it. ``margin``: any number, both signs and sizes
        beyond 1 among them.
    target : str
        ``share``: each component is between 0 and 1. ``distribution``: the components of a row
        are probabilities, one-hot perhaps, and add up to 1. ``sign``: −1 or 1.
    applies : str
        Kind of the activation that the loss contains; empty if it contains none.
    after : str
        Kind of the activation that makes what it needs of any numbers; empty if there is none.
    instead : mapping
        What arrives instead of what it needs → kind of the loss for that.
    """

    prediction: PredictionDomain = "any"
    target: TargetDomain = "any"
    applies: str = ""
    after: str = ""
    instead: Mapping[Arrival, str] = field(default_factory=dict)
