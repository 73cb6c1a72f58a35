"""Penalties over parameters: λ·Σ|θ| and ½·λ·Σθ²."""

from __future__ import annotations

from typing import Any

from engine.native.simd.jit import kernel


@kernel
def penalty(covers: Any, power: Any, strength: Any, theta: Any) -> Any:
    """Return strength/power·Σ|θ|^power over the entries covered, (first, count) each."""
    total = type(strength)(0)
    for k in range(covers.shape[0]):
        for i in range(covers[k, 0], covers[k, 0] + covers[k, 1]):
            total += abs(theta[i]) if power == 1 else theta[i] * theta[i]
    return total * strength / type(strength)(power)


@kernel
def penalty_back(covers: Any, power: Any, strength: Any, theta: Any, gradient: Any) -> None:
    """Add strength·sign(θ) or strength·θ to the gradient."""
    zero = type(strength)(0)
    for k in range(covers.shape[0]):
        for i in range(covers[k, 0], covers[k, 0] + covers[k, 1]):
            w = theta[i]
            if power == 1:
                gradient[i] += strength if w > zero else (-strength if w < zero else zero)
            else:
                gradient[i] += strength * w
