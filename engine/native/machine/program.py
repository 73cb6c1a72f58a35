"""A program: instructions as rows of numbers, and the lists they point into."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Flags, Integers
from engine.native.kernels.table import KERNELS, NUMBERS
from engine.native.runtime.compilation import address
from engine.native.runtime.kernel import Kernel
from engine.native.runtime.memory import Memory


class Program(NamedTuple):
    """What the loop runs; shares nothing with the plan.

    Parameters
    ----------
    real : str
        ``float64`` or ``float32``: precision of all values.
    ops : (n,) array
        Each instruction's kernel: its number in `engine.native.kernels.table.KERNELS`.
    live : (n,) array of bool
        Which have a part in the gradient.
    code : (n, width) array
        Each instruction's fields, in the layout of its kernel: see `fields`.
    loads : (k, 3) array
        First row, first column of the table, how many.
    numbers : array
        Of constants.
    pointers, sources, senders : arrays
        Neuron i of those run edge by edge reads the rows ``sources[pointers[i]:pointers[i + 1]]``
        through weights at those very places of θ; from ``senders[i]`` on their δ is needed.
    biases, functions : arrays
        The place of its bias in θ, or −1; the number of its function.
    gathered : array
        Rows that are copied side by side.
    ties : (k, 2) array
        Entry of θ, entry that is its copy; the copy's gradient is added to the original's.
    operands : (k, 2) array
        First row and rows of each factor of a product.
    covers : (k, 2) array
        Ranges (start, stop) of θ that penalties cover.
    seeds, shares : arrays
        Rows of losses and penalties, and their importance; negative: not averaged over the batch.
    blank, blank_gradient : (k, 2) arrays
        Rows of δ, entries of the gradient, to be zero before backward adds to them.
    """

    real: str
    ops: Integers
    live: Flags
    code: Integers
    loads: Integers
    numbers: Any
    pointers: Integers
    senders: Integers
    sources: NDArray[np.int32]
    biases: Integers
    functions: NDArray[np.int8]
    gathered: Integers
    ties: Integers
    operands: Integers
    covers: Integers
    seeds: Integers
    shares: NDArray[np.float64]
    blank: Integers
    blank_gradient: Integers

    def chosen(self, name: str, *, live: bool = False) -> Integers:
        """Return the numbers of a kernel's instructions, or of those that are live."""
        found: Integers = np.flatnonzero((self.ops == NUMBERS[name]) & (self.live | (not live)))
        return found

    def fields(self, chosen: Integers, kernel: Kernel) -> Any:
        """Return instructions of a kernel as an array with named fields, a copy."""
        layout = kernel.layout(self.real)
        count = len(kernel.fields._fields)
        return np.ascontiguousarray(self.code[chosen][:, :count]).view(layout).ravel()

    def set_fields(self, chosen: Integers, fields: Any) -> None:
        """Change instructions of a kernel."""
        count = len(fields.dtype)
        self.code[chosen, :count] = fields.view(np.int64).reshape(-1, count)

    def used(self) -> list[int]:
        """Return the numbers of all kernels that run."""
        found = set(self.ops.tolist())
        if NUMBERS["edges"] in found:
            found |= set(self.functions.tolist())
        return sorted(found)


def kernel_name(kernel: Kernel, *, back: bool) -> str:
    """Return what the file of a kernel's function is called."""
    return f"{kernel.name}.{'backward' if back else 'forward'}"


def kernel_address(number: int, real: str, *, back: bool) -> int:
    """Return the address of a kernel's function for a precision; 0 if there is none."""
    kernel = KERNELS[number]
    function = kernel.backward if back else kernel.forward
    if function is None:
        return 0
    return address(kernel_name(kernel, back=back), function, kernel.layout(real), real)


def load(program: Program, memory: Memory) -> None:
    """Let the memory's members be a program's, its kernels found or compiled."""
    addresses = np.zeros((len(KERNELS), 2), np.int64)
    for number in program.used():
        for way in (0, 1):
            addresses[number, way] = kernel_address(number, program.real, back=bool(way))
    members = program._asdict()
    for name in ("real", "ops", "live"):
        del members[name]
    forward, backward = addresses[program.ops].T
    memory.set(
        forward=np.ascontiguousarray(forward),
        backward=backward * program.live,
        addresses=addresses,
        **members,
    )
