"""What combines values: sums, products, quotients, normalisations. All are (rows, batch).

A value of one row meets one of n rows by being repeated. The backward kernels add to the δ they
are given.
"""

from __future__ import annotations

import math
from typing import Any

from engine.native.jit import kernel
from engine.native.scalars import exp


@kernel
def add(x: Any, factor: Any, to: Any) -> None:
    """Add factor·x to ``to``, repeating or adding up the rows of x."""
    n, m = x.shape[0], to.shape[0]
    for i in range(max(n, m)):
        source, target = x[i if n > 1 else 0], to[i if m > 1 else 0]
        for j in range(source.size):
            target[j] += factor * source[j]


@kernel
def multiply_rows(operands: Any, v: Any, z: Any) -> None:
    """Set z ← Π of the operands, each (first row, rows)."""
    z[:] = 1
    for k in range(operands.shape[0]):
        row, rows = operands[k]
        for i in range(z.shape[0]):
            x, out = v[row + (i if rows > 1 else 0)], z[i]
            for j in range(out.size):
                out[j] *= x[j]


@kernel
def multiply_rows_back(operands: Any, v: Any, dz: Any, d: Any) -> None:
    """Add δ·Π of the others to each operand's δ."""
    count, batch = operands.shape[0], dz.shape[1]
    for k in range(count):
        row, rows = operands[k]
        for i in range(dz.shape[0]):
            to = d[row + (i if rows > 1 else 0)]
            for j in range(batch):
                message = dz[i, j]
                for other in range(count):
                    if other != k:
                        message *= v[operands[other, 0] + (i if operands[other, 1] > 1 else 0), j]
                to[j] += message


@kernel
def divide(a: Any, b: Any, z: Any) -> None:
    """Set z ← a / b."""
    for i in range(z.shape[0]):
        x, y = a[i if a.shape[0] > 1 else 0], b[i if b.shape[0] > 1 else 0]
        for j in range(z.shape[1]):
            z[i, j] = x[j] / y[j]


@kernel
def divide_back(b: Any, z: Any, dz: Any, da: Any, db: Any) -> None:
    """Add δ/b to a's δ and −δ·z/b to b's."""
    for i in range(z.shape[0]):
        y = b[i if b.shape[0] > 1 else 0]
        to_a, to_b = da[i if da.shape[0] > 1 else 0], db[i if db.shape[0] > 1 else 0]
        for j in range(z.shape[1]):
            share = dz[i, j] / y[j]
            to_a[j] += share
            to_b[j] -= share * z[i, j]


@kernel
def scalar_product(a: Any, b: Any, z: Any) -> None:
    """Set z (B,) ← Σᵢ aᵢ·bᵢ."""
    z[:] = 0
    for i in range(a.shape[0]):
        for j in range(z.size):
            z[j] += a[i, j] * b[i, j]


@kernel
def scale_rows(x: Any, dz: Any, to: Any) -> None:
    """Add dz·x to ``to``, dz (B,) being the same for all rows."""
    for i in range(x.shape[0]):
        for j in range(dz.size):
            to[i, j] += dz[j] * x[i, j]


@kernel
def softmax(x: Any, z: Any, top: Any, total: Any) -> None:
    """Set z ← softmax(x); top, total: (B,) scratch."""
    for j in range(top.size):
        top[j] = x[0, j]
    for i in range(1, x.shape[0]):
        for j in range(top.size):
            top[j] = x[i, j] if not x[i, j] <= top[j] else top[j]
    total[:] = 0
    for i in range(x.shape[0]):
        for j in range(top.size):
            z[i, j] = exp(x[i, j] - top[j])
            total[j] += z[i, j]
    for i in range(x.shape[0]):
        for j in range(top.size):
            z[i, j] /= total[j]


@kernel
def softmax_back(z: Any, dz: Any, to: Any, total: Any) -> None:
    """Add z·(δ − Σ δ·z) to ``to``."""
    scalar_product(z, dz, total)
    for i in range(z.shape[0]):
        for j in range(total.size):
            to[i, j] += z[i, j] * (dz[i, j] - total[j])


@kernel
def log_softmax(x: Any, z: Any, top: Any, total: Any) -> None:
    """Set z ← x − max − log(1 + Σ of the other exponentials), total ← that sum, top ← argmax."""
    top[:] = 0
    for i in range(1, x.shape[0]):
        for j in range(top.size):
            if not x[i, j] <= x[int(top[j]), j]:
                top[j] = i
    total[:] = 0
    for i in range(x.shape[0]):
        for j in range(top.size):
            z[i, j] = x[i, j] - x[int(top[j]), j]
            power = exp(z[i, j])
            total[j] += power if i != top[j] else type(power)(0)
    for i in range(x.shape[0]):
        for j in range(top.size):
            z[i, j] -= math.log1p(total[j])


@kernel
def log_softmax_back(z: Any, dz: Any, to: Any, total: Any) -> None:
    """Add δ − eᶻ·Σ δ to ``to``."""
    total[:] = 0
    add(dz, type(dz[0, 0])(1), total.reshape(1, total.size))
    for i in range(z.shape[0]):
        for j in range(total.size):
            to[i, j] += dz[i, j] - exp(z[i, j]) * total[j]


@kernel
def cross_entropy(x: Any, t: Any, factor: Any, out: Any, scratch: Any) -> None:
    """Set out (B,) ← −factor·Σ t·log softmax(x); scratch: (n + 2, B)."""
    n = x.shape[0]
    log_softmax(x, scratch[:n], scratch[n], scratch[n + 1])
    out[:] = 0
    for i in range(n):
        for j in range(out.size):
            out[j] -= factor * t[i, j] * scratch[i, j]


@kernel
def cross_entropy_back(
    x: Any, t: Any, share: Any, factor: Any, dx: Any, dt: Any, needs: Any, scratch: Any
) -> None:
    """Add share·factor·(p·(Σt − t) − t·(1 − p)) to dx, −share·factor·log p to dt, as needed."""
    n, one = x.shape[0], type(factor)(1)
    logarithm, top, rest = scratch[:n], scratch[n], scratch[n + 1]
    log_softmax(x, logarithm, top, rest)
    if needs[1]:
        for i in range(n):
            for j in range(rest.size):
                dt[i, j] -= share[j] * factor * logarithm[i, j]
    if not needs[0]:
        return
    for j in range(rest.size):
        whole = t[0, j] * 0
        for i in range(n):
            whole += t[i, j]
        for i in range(n):
            likely = exp(logarithm[i, j])
            unlikely = rest[j] / (one + rest[j]) if i == top[j] else one - likely
            slope = likely * (whole - t[i, j]) - t[i, j] * unlikely
            dx[i, j] += share[j] * factor * slope


@kernel
def layer_norm(x: Any, gain: Any, shift: Any, epsilon: Any, z: Any, mean: Any, spread: Any) -> None:
    """Set z ← gain·(x − μ)/√(v + ε) + shift; mean, spread: (B,) get μ and √(v + ε)."""
    n = x.shape[0]
    part = type(epsilon)(1) / type(epsilon)(n)
    mean[:] = 0
    spread[:] = epsilon
    for i in range(n):
        for j in range(mean.size):
            mean[j] += x[i, j] * part
    for i in range(n):
        for j in range(mean.size):
            spread[j] += (x[i, j] - mean[j]) * (x[i, j] - mean[j]) * part
    for j in range(mean.size):
        spread[j] = math.sqrt(spread[j])
    for i in range(n):
        for j in range(mean.size):
            z[i, j] = gain[i] * ((x[i, j] - mean[j]) / spread[j]) + shift[i]


@kernel
def layer_norm_back(
    x: Any, gain: Any, dz: Any, dx: Any, d_gain: Any, d_shift: Any, needed: Any, scratch: Any
) -> None:
    """Add to dx (if needed), ∂E/∂gain and ∂E/∂shift; scratch rows: μ, √(v + ε), and two more."""
    n, batch = x.shape
    mean, spread, total, along = scratch[0], scratch[1], scratch[2], scratch[3]
    total[:] = 0
    along[:] = 0
    for i in range(n):
        by_gain, by_shift = gain[i] * 0, gain[i] * 0
        for j in range(batch):
            normal = (x[i, j] - mean[j]) / spread[j]
            by_gain += dz[i, j] * normal
            by_shift += dz[i, j]
            total[j] += dz[i, j] * gain[i]
            along[j] += dz[i, j] * gain[i] * normal
        d_gain[i] += by_gain
        d_shift[i] += by_shift
    if not needed:
        return
    part = type(gain[0])(1) / type(gain[0])(n)
    for i in range(n):
        for j in range(batch):
            normal = (x[i, j] - mean[j]) / spread[j]
            inner = dz[i, j] * gain[i] - total[j] * part - normal * along[j] * part
            dx[i, j] += inner / spread[j]
