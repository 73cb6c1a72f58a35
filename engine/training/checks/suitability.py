"""All checks of a network with its data, as problems."""

from __future__ import annotations

from itertools import chain

from engine.data.preparation import Prepared
from engine.declaration.op import Array
from engine.interpreter.interpreter import YieldGil
from engine.plan.plan import Plan
from engine.training.checks.judged_loss import judged_losses
from engine.training.checks.predictions import check_prediction
from engine.training.checks.sample import Sample
from engine.training.checks.sizes import check_inputs, check_saturation, check_target_size
from engine.training.checks.targets import check_target
from graph.model.document import Document
from graph.validation.problems import Problem, by_severity


def suitability(
    document: Document,
    plan: Plan,
    data: Prepared,
    theta: Array,
    yield_gil: YieldGil | None = None,
) -> list[Problem]:
    """Return what does not suit: errors where the loss would be a meaningless number, then others.

    Parameters
    ----------
    document, plan : Document, Plan
        The network, and what it was compiled to.
    data : Prepared
        Its data.
    theta : (P,) array
        Parameters to look at: at most `sample.ROWS` training rows run through the network.
    yield_gil : callable, optional
        Called every few steps.

    Raises `DataError` if a column cannot be used.
    """
    if not plan.losses or not len(data.splits["train"]):
        return []
    sample = Sample(plan, theta, data, yield_gil)
    found: list[Problem] = []
    for view in judged_losses(document, sample):
        wrong = list(check_target(view))
        if not any(problem.severity == "error" for problem in wrong):
            wrong += check_prediction(view)
        found += wrong
        found += check_target_size(view)
    found += chain(check_inputs(document, sample), check_saturation(document, sample))
    return by_severity({problem.message: problem for problem in found}.values())
