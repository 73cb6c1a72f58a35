"""What of a probe is known at a stop of the update; the rest is NaN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.analysis.score import Score
from engine.arrays.aliases import Array, Flags, Integers
from engine.interpreter.probe import Carried, Probe


def known_part(
    score: Score, stop: int, probe: Probe, after: Array | None, penalty: Array | None = None
) -> Probe:
    """Return a probe without what becomes known after a stop.

    Parameters
    ----------
    score, stop : Score, int
        Of the probe's plan; where the update stands.
    probe : Probe
        All numbers at the parameters before the update.
    after : (P,) array or None
        The parameters after it: those that are updated already show them.
    penalty : (P,) array or None
        What penalties give to ∂E/∂θ: until that is known, a gradient is what the losses give.
    """
    nodes = np.array(probe.nodes)
    value, delta = score.value_from <= stop, score.delta_from <= stop
    losses_share = _entries(score, score.losses_share_from <= stop)
    gradients = _entries(score, score.parameter_gradient_from <= stop)
    theta = probe.theta
    if after is not None:
        theta = np.where(_entries(score, score.update_from <= stop), after, theta)
    share = probe.theta_gradient if penalty is None else probe.theta_gradient - penalty
    share = np.where(losses_share, share, np.nan)
    theta_gradient = np.where(gradients, probe.theta_gradient, share)
    edges = Carried(score.plan, probe.edges).read(theta, theta_gradient)
    return replace(
        probe,
        error=probe.error if score.error_from <= stop else np.nan,
        value=_only(probe.value, value),
        net=_only(probe.net, score.net_from <= stop),
        delta=_only(probe.delta, delta),
        strips=_strips(probe.strips, nodes[value]),
        delta_strips=_strips(probe.delta_strips, nodes[delta]),
        message=_only(probe.message, score.message_from <= stop),
        theta=theta,
        theta_gradient=theta_gradient,
        weight=edges["weight"],
        gradient=edges["gradient"],
        gradient_norm=edges["gradient_norm"],
    )


def _entries(score: Score, known: Flags) -> Flags:
    """Return which entries of θ belong to known parameters, (P,)."""
    sizes: Integers = score.plan.parameters.sizes
    return np.repeat(known, sizes)


def _only(numbers: Array, known: Flags) -> Array:
    return np.where(known, numbers, np.nan)


def _strips(strips: Mapping[str, Array], known: Array) -> dict[str, Array]:
    return {node: strip for node, strip in strips.items() if node in set(known.tolist())}
