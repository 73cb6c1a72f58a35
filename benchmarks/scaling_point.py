"""What an edge costs in a graph of one size."""

from __future__ import annotations

from dataclasses import dataclass

from engine.benchmark.report import duration


@dataclass(frozen=True, slots=True)
class ScalingPoint:
    """What was measured of a graph: seconds and bytes.

    Parameters
    ----------
    neurons, edges : int
        Of the graph; edges with a weight.
    update, compiling, initial, lowering : float
        Seconds.
    sample : float
        Seconds of an update for each edge and row of the batch.
    tape : int
        Bytes of the tape's arrays, its arena and θ with gradient.
    process : int
        Bytes that the process grew by at most, document and plan included.
    """

    neurons: int
    edges: int
    update: float
    sample: float
    compiling: float
    initial: float
    lowering: float
    tape: int
    process: int

    def line(self) -> str:
        """Return the line of the table."""
        cells = (
            f"{self.neurons:,}",
            f"{self.edges:,}",
            duration(self.update),
            f"{self.sample * 1e9:.3g}",
            duration(self.compiling),
            duration(self.initial),
            duration(self.lowering),
            f"{self.tape / self.edges:.0f}",
            f"{self.process / 2**20:,.0f}",
        )
        return "| " + " | ".join(cells) + " |"
