"""Which run a checkpoint belongs to, and in what another one differs from it."""

from __future__ import annotations

import hashlib

import msgspec
import numpy as np

from engine.headless.experiment import Experiment
from engine.training import Engine
from engine.training.checkpoint_file import RunIdentity
from graph.model.document import Document
from graph.model.training import Training

_FREE = {"epochs", "learning_rate", "target_loss"}
"""Settings that may change: how far to go, and the rate of the updates to come (times what the
schedule makes of it)."""
_STRETCHED = {"cosine", "one_cycle"}
"""Schedules that depend on the number of epochs."""


def run_identity(experiment: Experiment, engine: Engine) -> RunIdentity:
    """Return what a checkpoint of an experiment's run belongs to."""
    return RunIdentity(
        tuple((one.name, one.shape, one.trainable) for one in experiment.plan.parameters),
        _graph(experiment.document),
        _data(experiment),
        experiment.document.training,
        engine,
    )


def difference(saved: RunIdentity, now: RunIdentity) -> str:
    """Return in one sentence why a run cannot go on from a checkpoint; empty if it can."""
    return (
        _of_parameters(saved, now)
        or _of_graphs(saved, now)
        or _of_settings(saved.settings, now.settings)
    )


def caution(saved: RunIdentity, now: RunIdentity) -> str:
    """Return one sentence on why the numbers will not be those of one run; empty if they are."""
    if saved.engine != now.engine:
        return f"The checkpoint is of the {saved.engine} engine: the last digits will differ"
    if saved.settings.learning_rate != now.settings.learning_rate:
        return f"The learning rate is {now.settings.learning_rate:g} from now on"
    schedule = now.settings.schedule.name
    if schedule in _STRETCHED and saved.settings.epochs != now.settings.epochs:
        return (
            f"The schedule {schedule} spans all epochs: its rates are from now on those of "
            f"{now.settings.epochs} epochs, before they were those of {saved.settings.epochs}"
        )
    return ""


def _of_parameters(saved: RunIdentity, now: RunIdentity) -> str:
    before = {name: (shape, trained) for name, shape, trained in saved.parameters}
    after = {name: (shape, trained) for name, shape, trained in now.parameters}
    for name in before.keys() ^ after.keys():
        here, there = ("checkpoint", "document") if name in before else ("document", "checkpoint")
        return f"the {here} has a parameter {name!r}, the {there} has not"
    for name, (shape, trained) in after.items():
        if before[name][0] != shape:
            sizes = [list(one) or "one number" for one in (before[name][0], shape)]
            return f"the shape of {name!r} is {sizes[0]} in the checkpoint, here {sizes[1]}"
        if before[name][1] != trained:
            return f"the parameter {name!r} is {'trained' if trained else 'frozen'} here only"
    return ""


def _of_graphs(saved: RunIdentity, now: RunIdentity) -> str:
    if saved.graph != now.graph:
        return "the graph is another one: nodes, their settings or wires differ"
    if saved.data != now.data:
        return "the data are others: numbers, or which rows are for training, differ"
    return ""


def _of_settings(saved: Training, now: Training) -> str:
    for name in now.__struct_fields__:
        before, after = getattr(saved, name), getattr(now, name)
        if name not in _FREE and before != after:
            text = name.replace("_", " ")
            return f"the {text} is {_text(before)} in the checkpoint, here {_text(after)}"
    return ""


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _graph(document: Document) -> str:
    nodes = [(node.id, node.kind, dict(node.params)) for node in document.nodes.values()]
    edges = [
        (edge.id, edge.source, edge.target, edge.port, edge.order)
        for edge in document.edges.values()
    ]
    content = sorted(nodes, key=_text), sorted(edges), sorted(document.shared.items())
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def _data(experiment: Experiment) -> str:
    digest = hashlib.sha256()
    for name, column in experiment.columns().items():
        digest.update(f"{name} {column.shape}".encode())
        digest.update(np.ascontiguousarray(column).data)
    for split, rows in experiment.data.splits.items() if experiment.data else ():
        digest.update(f"{split} {len(rows)}".encode())
        digest.update(np.ascontiguousarray(rows, np.int64).data)
    return digest.hexdigest()
