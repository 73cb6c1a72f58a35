"""Who takes part: each peer's name, what runs it and what has to be installed for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Peer:
    """Someone who can train a case.

    Parameters
    ----------
    title : str
        For the table.
    runner : str
        ``module:class``.
    needs : str
        A package that is imported by it; empty if none.
    compiles : bool
        Whether it may spend more time and memory on compiling than anyone would wait for.
    checked : int
        Updates after which E is compared.
    """

    title: str
    runner: str
    needs: str = ""
    compiles: bool = False
    checked: int = 5

    @property
    def installed(self) -> bool:
        """Whether what it needs is there."""
        return not self.needs or find_spec(self.needs) is not None


PEERS: Mapping[str, Peer] = {
    "tape": Peer("Gradwire", "engine.benchmark.runners:TapeRunner"),
    "plan": Peer("NumPy plan", "benchmarks.peers.numpy_plan:PlanRunner"),
    "torch": Peer("PyTorch eager", "benchmarks.peers.torch_eager:TorchRunner", "torch"),
    "torch-compile": Peer(
        "torch.compile", "benchmarks.peers.torch_compiled:CompiledRunner", "torch", compiles=True
    ),
    "jax": Peer("JAX jit", "benchmarks.peers.jax_step:StepRunner", "jax", compiles=True),
    "jax-loop": Peer(
        "JAX whole loop", "benchmarks.peers.jax_loop:LoopRunner", "jax", compiles=True
    ),
    "micrograd": Peer("micrograd", "benchmarks.peers.scalars:ScalarRunner", "micrograd"),
    "one-by-one": Peer("network.py", "benchmarks.peers.one_by_one:NielsenRunner"),
    "epoch": Peer("an epoch", "benchmarks.epochs:EpochRunner", checked=1),
    "one-by-one-epoch": Peer(
        "network.py", "benchmarks.peers.one_by_one_epochs:NielsenEpochRunner", checked=1
    ),
    "edit": Peer("edit → ready", "engine.benchmark.edit_runner:EditRunner", checked=1),
    "probe": Peer("probe", "engine.benchmark.probe_runner:ProbeRunner"),
    "products": Peer("products alone", "benchmarks.peers.products:ProductsRunner"),
}
