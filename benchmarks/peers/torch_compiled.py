"""PyTorch with forward, loss and their derivatives through ``torch.compile``."""

from __future__ import annotations

from benchmarks.peers.torch_eager import TorchRunner
from engine.benchmark.cases import PreparedCase


class CompiledRunner(TorchRunner):
    """`TorchRunner`, compiled; the optimiser stays as it is, as in PyTorch's tutorials."""

    def __init__(self, problem: PreparedCase) -> None:
        super().__init__(problem, compiled=True)
