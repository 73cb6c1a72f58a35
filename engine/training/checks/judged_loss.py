"""A loss as the checks see it: what arrives there, from where, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass

from engine.declaration.loss import LossOp
from engine.declaration.loss_needs import LossNeeds
from engine.declaration.op import Array
from engine.plan.plan import Loss, Step
from engine.training.checks.sample import Sample
from graph.model.document import Document
from graph.validation.problems import Problem, Remedy, Severity


@dataclass(frozen=True, slots=True)
class JudgedLoss:
    """A loss with a prediction and a target.

    Parameters
    ----------
    document : Document
        What it is called there.
    sample : Sample
        What flows.
    loss : Loss
        Where it is.
    needs : LossNeeds
        What its kind declares.
    """

    document: Document
    sample: Sample
    loss: Loss
    needs: LossNeeds

    @property
    def prediction(self) -> Array:
        """The predictions of the sample, (B, w)."""
        return self.sample.value(self.loss.prediction)

    @property
    def target(self) -> Array:
        """The targets, (rows, w): of all rows if they come from the data as they are."""
        assert self.loss.target is not None
        return self.sample.column_values(self.loss.target)

    @property
    def makers(self) -> list[Step]:
        """The steps that make the predictions."""
        return self.sample.makers(self.loss.prediction)

    @property
    def title(self) -> str:
        """What it is called in a sentence: binary cross entropy 'E'."""
        return f"{self.loss.kind.replace('_', ' ')} {self.name(self.loss.node)}"

    def name(self, node: str) -> str:
        """Return what the user calls a node."""
        return name(self.document, node)

    def source(self, slot: int) -> str:
        """Return the node that a value comes from."""
        return self.sample.plan.steps[slot].owner

    def problem(
        self, what: str, severity: Severity, *remedies: Remedy | None, target: bool = False
    ) -> Problem:
        """Return a problem of this loss and of what it gets."""
        slot = self.loss.target if target else self.loss.prediction
        assert slot is not None
        nodes = dict.fromkeys((self.loss.node, self.source(slot)))
        found = tuple(remedy for remedy in remedies if remedy is not None)
        return Problem(f"{self.title} {what}", tuple(nodes), severity, found)


def judged_losses(document: Document, sample: Sample) -> list[JudgedLoss]:
    """Return the losses that count and that have a target."""
    steps = sample.plan.steps
    return [
        JudgedLoss(document, sample, loss, op.needs)
        for loss in sample.plan.losses
        if loss.importance and loss.target is not None
        if isinstance(op := steps[loss.value].op, LossOp)
    ]


def name(document: Document, node: str) -> str:
    """Return what the user calls a node, in quotation marks."""
    return repr(document.nodes[node].label or node)
