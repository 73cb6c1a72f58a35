"""Checkpoints as files: JSON that says what follows, then the arrays; never code.

A file is the line `_MAGIC`, the length of the JSON as eight bytes, the JSON, the arrays one after
another (little-endian), and the SHA-256 digest of all that. What is read is no longer than the
JSON says, and nothing is kept of a file whose digest is another.
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import numpy as np
from msgspec import Meta, Struct

from engine.declaration.op import Array
from engine.training.callbacks import NO_LIMIT
from engine.training.rules.optimizers import OPTIMIZERS
from engine.training.rules.patience import Watch
from engine.training.rules.schedules import Plateau
from engine.training.runners.records import Block, Progress
from engine.training.runners.runner import Engine
from engine.training.runners.state import Checkpoint, TrainingState
from graph.errors import FileError
from graph.files.whole_file import write_whole
from graph.model.training import Training

_MAGIC = b"gradwire checkpoint 1\n"
_LARGEST = 1 << 34  # bytes of a file
_LARGEST_HEAD = 1 << 28
_DOUBLE = 2  # arrays in float64 whatever the precision of the run
_DIGEST = hashlib.sha256().digest_size
Size = Annotated[int, Meta(ge=0, lt=_LARGEST)]


class RunIdentity(Struct, frozen=True, forbid_unknown_fields=True):
    """What a checkpoint belongs to.

    Parameters
    ----------
    parameters : tuple of (name, shape, trained)
        In the order of θ.
    graph, data : str
        Digests of nodes and wires, and of the columns with their splits.
    settings : Training
        How it was trained.
    engine : str
        What trained it.
    """

    parameters: tuple[tuple[str, tuple[int, ...], bool], ...]
    graph: str
    data: str
    settings: Training
    engine: Engine


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A checkpoint with what it belongs to and the epochs up to it, from 0 on (None: none)."""

    identity: RunIdentity
    checkpoint: Checkpoint
    history: Block | None


class _Head(Struct, frozen=True, forbid_unknown_fields=True):
    identity: RunIdentity
    epoch: Size
    batch: Size
    batches: Annotated[int, Meta(ge=1, lt=_LARGEST)]
    updates: Size
    count: Size
    optimizer: str
    stopped: str
    waited: tuple[Size, Size]  # epochs: of the schedule, of early stopping
    names: tuple[str, ...]  # columns of the history
    arrays: tuple[tuple[Size, ...], ...]  # shapes; see `_arrays`


def write_checkpoint(path: str | os.PathLike[str], saved: SavedRun) -> None:
    """Write a file at once or not at all; raises `FileError` if it cannot be written."""
    at, history = saved.checkpoint, saved.history
    columns = history.columns() if history else {}
    arrays = _arrays(at, np.array(list(columns.values()), np.float64))
    head = _Head(
        saved.identity,
        at.epoch,
        at.batch,
        at.batches,
        at.updates,
        at.count,
        at.optimizer,
        at.stopped,
        (at.plateau.waited, at.watch.waited),
        tuple(columns),
        tuple(array.shape for array in arrays),
    )
    text = msgspec.json.encode(head)
    little = [np.ascontiguousarray(one, one.dtype.newbyteorder("<")).tobytes() for one in arrays]
    content = b"".join((_MAGIC, struct.pack("<Q", len(text)), text, *little))
    write_whole(path, content + hashlib.sha256(content).digest())


def read_checkpoint(path: str | os.PathLike[str]) -> SavedRun:
    """Read a file.

    Raises `FileError` if it cannot be read, or is no whole checkpoint.
    """
    file = os.fspath(path)
    if Path(path).exists() and not Path(path).is_file():
        raise FileError("is not a file; name a checkpoint", file)
    try:
        with Path(path).open("rb") as stream:
            return _read(stream, os.fstat(stream.fileno()).st_size)
    except OSError as error:
        raise FileError(
            f"cannot be read ({(error.strerror or str(error)).lower()})", file
        ) from error
    except (ValueError, KeyError, msgspec.MsgspecError) as error:
        sentence = "is no checkpoint of this version of Gradwire, or is damaged; train anew"
        raise FileError(sentence, file) from error


class CheckpointWriter:
    """A callback that writes checkpoints: every few epochs, and when the run is over.

    Parameters
    ----------
    path : Path
        The file; the last checkpoint replaces the one before.
    identity : RunIdentity
        What is trained.
    history : list of Block
        The epochs before this run, to which its own are added.
    every : int, optional
        Epochs between two checkpoints; by default only the last is written.
    """

    def __init__(
        self, path: Path, identity: RunIdentity, history: list[Block], every: int | None = None
    ) -> None:
        self._path, self._identity, self._history = path, identity, history
        self._every, self._written = every, -1

    def observe(self, state: TrainingState, progress: Progress) -> int:
        """Write if it is time."""
        if progress.block:
            self._history.append(progress.block)
        due = self._every and state.batch == 0 and state.epoch and state.epoch % self._every == 0
        if (due or state.stopped) and not progress.place:
            self.write(state)
        if self._every is None:
            return NO_LIMIT
        return state.updates_until((state.epoch // self._every + 1) * self._every)

    def write(self, state: TrainingState) -> None:
        """Write the state, unless that has just been done."""
        if self._written != state.updates:
            self._written = state.updates
            history = Block.joined(self._history)
            write_checkpoint(self._path, SavedRun(self._identity, state.checkpoint(), history))


def _arrays(at: Checkpoint, history: Array) -> list[Array]:
    """Return all arrays: numbers, history, θ, θ before, the best θ or nothing, the memory."""
    numbers = at.plateau.factor, at.plateau.best, at.watch.best, at.rate, at.gradient_norm
    best = at.watch.best_theta
    best = at.theta[:0] if best is None else best
    return [np.array(numbers), history, at.theta, at.previous, best, *at.memory]


def _read(stream: BinaryIO, size: int) -> SavedRun:
    digest = hashlib.sha256()

    def take(count: int) -> bytes:
        if not 0 <= count <= size - _DIGEST:
            raise ValueError(count)
        content = stream.read(count)
        digest.update(content)
        return content

    if size > _LARGEST or take(len(_MAGIC)) != _MAGIC:
        raise ValueError(size)
    (length,) = struct.unpack("<Q", take(8))
    head = msgspec.json.decode(take(min(length, _LARGEST_HEAD)), type=_Head)
    arrays = []
    for place, shape in enumerate(head.arrays):
        dtype = np.dtype("float64" if place < _DOUBLE else head.identity.settings.dtype)
        found = np.frombuffer(take(prod(shape) * dtype.itemsize), dtype.newbyteorder("<"))
        arrays.append(found.reshape(shape).astype(dtype))
    if stream.read(_DIGEST + 1) != digest.digest():
        raise ValueError(size)
    return _saved(head, arrays)


def _saved(head: _Head, arrays: list[Array]) -> SavedRun:
    numbers, table, theta, previous, best, *memory = arrays
    _check(head, [theta, previous, *([best] if len(best) else [])], memory)
    factor, lowest, best_loss, rate, norm = numbers.tolist()
    watch = Watch(best_loss, best if len(best) else None, head.waited[1])
    checkpoint = Checkpoint(
        theta=theta,
        previous=previous,
        epoch=head.epoch,
        batch=head.batch,
        batches=head.batches,
        updates=head.updates,
        optimizer=head.optimizer,
        count=head.count,
        memory=tuple(memory),
        plateau=Plateau(factor, lowest, head.waited[0]),
        watch=watch,
        rate=rate,
        gradient_norm=norm,
        stopped=head.stopped,
    )
    columns = dict(zip(head.names, table, strict=True))
    history = Block.of_columns(0, 0, head.batches, columns) if columns else None
    return SavedRun(head.identity, checkpoint, history)


def _check(head: _Head, vectors: list[Array], memory: list[Array]) -> None:
    """Check that arrays fit the parameters and the optimiser; raises `ValueError`."""
    sizes = [(prod(shape), trained) for _, shape, trained in head.identity.parameters]
    size, trained = sum(size for size, _ in sizes), sum(size for size, trained in sizes if trained)
    rule = OPTIMIZERS.get(head.optimizer)
    fitting = (
        all(vector.shape == (size,) for vector in vectors),
        all(vector.shape == (trained,) for vector in memory),
        rule is None or len(memory) == rule.arrays,
        head.optimizer == head.identity.settings.optimizer,
        head.batch < head.batches,
    )
    if not all(fitting):
        raise ValueError(head.optimizer)
