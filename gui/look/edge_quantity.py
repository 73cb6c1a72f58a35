"""What the colour of a wire stands for."""

from __future__ import annotations

from typing import Literal, TypeAlias

EdgeQuantity: TypeAlias = Literal["weight", "value", "gradient"]
