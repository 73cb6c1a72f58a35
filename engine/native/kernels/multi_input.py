"""What combines values: sums, products, quotients, normalisations. All are (rows, batch).

A value of one row meets one of n rows by being repeated. The backward kernels add to the δ they
are given.
"""

from __future__ import annotations

from typing import Any

from engine.native.simd.array_views import row
from engine.native.simd.jit import kernel
from engine.native.simd.transcendental import exp
from engine.native.simd.vector_arithmetic import log1p, spread, sqrt, total, where
from engine.native.simd.vectors import inside, lanes, store, width


@kernel
def _add_to(to: Any, at: Any, message: Any) -> None:
    store(to, at, lanes(to, at) + message)


@kernel
def _among(x: Any, i: Any) -> Any:
    """Return row i, or the only one."""
    return row(x, i if x.shape[0] > 1 else 0)


@kernel
def add(x: Any, factor: Any, to: Any, keep: Any) -> None:
    """Set to ← factor·x + keep·to, repeating or adding up the rows of x."""
    for i in range(max(x.shape[0], to.shape[0])):
        source, target = _among(x, i), _among(to, i)
        fresh = keep == 0 and (i == 0 or to.shape[0] > 1)
        for at in range(0, target.size, width(target)):
            message = factor * lanes(source, at)
            store(target, at, message if fresh else message + lanes(target, at))


@kernel
def _factor(operands: Any, k: Any, i: Any, v: Any) -> Any:
    """Return row i of operand k, or its only one."""
    return row(v, operands[k, 0] + (i if operands[k, 1] > 1 else 0))


@kernel
def multiply_rows(operands: Any, v: Any, z: Any) -> None:
    """Set z ← Π of the operands, each (first row, rows)."""
    for i in range(z.shape[0]):
        for at in range(0, z.shape[1], width(z)):
            product = lanes(_factor(operands, 0, i, v), at)
            for k in range(1, operands.shape[0]):
                product *= lanes(_factor(operands, k, i, v), at)
            store(row(z, i), at, product)


@kernel
def multiply_rows_back(operands: Any, v: Any, dz: Any, d: Any) -> None:
    """Add δ·Π of the others to each operand's δ."""
    count = operands.shape[0]
    for k in range(count):
        for i in range(dz.shape[0]):
            to = _factor(operands, k, i, d)
            for at in range(0, to.size, width(to)):
                message = lanes(row(dz, i), at)
                for other in range(count):
                    if other != k:
                        message *= lanes(_factor(operands, other, i, v), at)
                _add_to(to, at, message)


@kernel
def divide(a: Any, b: Any, z: Any) -> None:
    """Set z ← a / b."""
    for i in range(z.shape[0]):
        for at in range(0, z.shape[1], width(z)):
            store(row(z, i), at, lanes(_among(a, i), at) / lanes(_among(b, i), at))


@kernel
def divide_back(b: Any, z: Any, dz: Any, da: Any, db: Any) -> None:
    """Add δ/b to a's δ and −δ·z/b to b's."""
    for i in range(z.shape[0]):
        for at in range(0, z.shape[1], width(z)):
            share = lanes(row(dz, i), at) / lanes(_among(b, i), at)
            _add_to(_among(da, i), at, share)
            _add_to(_among(db, i), at, -share * lanes(row(z, i), at))


@kernel
def scalar_product(a: Any, b: Any, z: Any) -> None:
    """Set z (B,) ← Σᵢ aᵢ·bᵢ."""
    for at in range(0, z.size, width(z)):
        store(z, at, _along(a, b, at))


@kernel
def _along(a: Any, b: Any, at: Any) -> Any:
    """Return a block of Σᵢ aᵢ·bᵢ."""
    s = lanes(row(a, 0), at) * lanes(row(b, 0), at)
    for i in range(1, a.shape[0]):
        s += lanes(row(a, i), at) * lanes(row(b, i), at)
    return s


@kernel
def scale_rows(x: Any, dz: Any, to: Any) -> None:
    """Add dz·x to ``to``, dz (B,) being the same for all rows."""
    for i in range(x.shape[0]):
        for at in range(0, dz.size, width(dz)):
            _add_to(row(to, i), at, lanes(dz, at) * lanes(row(x, i), at))


@kernel
def _peak(x: Any, at: Any) -> Any:
    """Return a block of the largest of each column, and its row."""
    top = lanes(row(x, 0), at)
    where_top = top * 0
    for i in range(1, x.shape[0]):
        one = lanes(row(x, i), at)
        where_top = where(one <= top, where_top, i)
        top = where(one <= top, top, one)
    return top, where_top


@kernel
def _rest(x: Any, at: Any, top: Any, where_top: Any) -> Any:
    """Return a block of Σ exp(xᵢ − top) over all rows but the largest."""
    rest = top * 0
    for i in range(x.shape[0]):
        rest += where(where_top == i, 0, exp(lanes(row(x, i), at) - top))
    return rest


@kernel
def softmax(x: Any, z: Any) -> None:
    """Set z ← softmax(x)."""
    for at in range(0, z.shape[1], width(z)):
        top, _where_top = _peak(x, at)
        whole = top * 0
        for i in range(x.shape[0]):
            power = exp(lanes(row(x, i), at) - top)
            store(row(z, i), at, power)
            whole += power
        for i in range(x.shape[0]):
            store(row(z, i), at, lanes(row(z, i), at) / whole)


@kernel
def softmax_back(z: Any, dz: Any, to: Any) -> None:
    """Add z·(δ − Σ δ·z) to ``to``."""
    for at in range(0, z.shape[1], width(z)):
        whole = _along(z, dz, at)
        for i in range(z.shape[0]):
            _add_to(row(to, i), at, lanes(row(z, i), at) * (lanes(row(dz, i), at) - whole))


@kernel
def log_softmax(x: Any, z: Any) -> None:
    """Set z ← x − max − log(1 + Σ of the other exponentials)."""
    for at in range(0, z.shape[1], width(z)):
        top, where_top = _peak(x, at)
        more = log1p(_rest(x, at, top, where_top))
        for i in range(x.shape[0]):
            store(row(z, i), at, (lanes(row(x, i), at) - top) - more)


@kernel
def log_softmax_back(z: Any, dz: Any, to: Any) -> None:
    """Add δ − eᶻ·Σ δ to ``to``."""
    for at in range(0, z.shape[1], width(z)):
        whole = lanes(row(dz, 0), at)
        for i in range(1, z.shape[0]):
            whole += lanes(row(dz, i), at)
        for i in range(z.shape[0]):
            _add_to(row(to, i), at, lanes(row(dz, i), at) - exp(lanes(row(z, i), at)) * whole)


@kernel
def cross_entropy(x: Any, t: Any, factor: Any, out: Any) -> None:
    """Set out (B,) ← −factor·Σ t·log softmax(x)."""
    for at in range(0, out.size, width(out)):
        top, where_top = _peak(x, at)
        more = log1p(_rest(x, at, top, where_top))
        loss = top * 0
        for i in range(x.shape[0]):
            loss += lanes(row(t, i), at) * (more - (lanes(row(x, i), at) - top))
        store(out, at, factor * loss)


@kernel
def cross_entropy_back(
    x: Any, t: Any, share: Any, factor: Any, dx: Any, dt: Any, need_x: Any, need_t: Any
) -> None:
    """Add share·factor·(p·(Σt − t) − t·(1 − p)) to dx, −share·factor·log p to dt, as needed."""
    for at in range(0, share.size, width(share)):
        top, where_top = _peak(x, at)
        rest = _rest(x, at, top, where_top)
        weight, more = factor * lanes(share, at), log1p(rest)
        whole = lanes(row(t, 0), at)
        for i in range(1, x.shape[0]):
            whole += lanes(row(t, i), at)
        for i in range(x.shape[0]):
            logarithm, target = (lanes(row(x, i), at) - top) - more, lanes(row(t, i), at)
            if need_t:
                _add_to(row(dt, i), at, -weight * logarithm)
            if need_x:
                likely = exp(logarithm)
                unlikely = where(where_top == i, rest / (1 + rest), 1 - likely)
                slope = likely * (whole - target) - target * unlikely
                _add_to(row(dx, i), at, weight * slope)


@kernel
def _moments(x: Any, at: Any, epsilon: Any) -> Any:
    """Return a block of the mean μ of each column and of √(v + ε)."""
    n = x.shape[0]
    mean = lanes(row(x, 0), at) / n
    for i in range(1, n):
        mean += lanes(row(x, i), at) / n
    rest = mean * 0
    for i in range(n):  # where numbers are nearly equal, what the sum lost is what is looked at
        rest += (lanes(row(x, i), at) - mean) / n
    mean = mean + rest
    variance = spread(row(x, 0), epsilon)
    for i in range(n):
        away = lanes(row(x, i), at) - mean
        variance += away * away / n
    return mean, sqrt(variance)


@kernel
def layer_norm(x: Any, gain: Any, shift: Any, epsilon: Any, z: Any) -> None:
    """Set z ← gain·(x − μ)/√(v + ε) + shift."""
    for at in range(0, z.shape[1], width(z)):
        mean, deviation = _moments(x, at, epsilon)
        for i in range(x.shape[0]):
            normal = (lanes(row(x, i), at) - mean) / deviation
            store(row(z, i), at, gain[i] * normal + shift[i])


@kernel
def layer_norm_back(
    x: Any, gain: Any, epsilon: Any, dz: Any, dx: Any, d_gain: Any, d_shift: Any, needed: Any
) -> None:
    """Add to dx (if needed), ∂E/∂gain and ∂E/∂shift."""
    n = x.shape[0]
    for at in range(0, dz.shape[1], width(dz)):
        mean, deviation = _moments(x, at, epsilon)
        whole = along = mean * 0
        for i in range(n):
            normal, delta = (lanes(row(x, i), at) - mean) / deviation, lanes(row(dz, i), at)
            d_gain[i] += total(where(inside(row(dz, i), at), delta * normal, 0))
            d_shift[i] += total(delta)
            whole += gain[i] * delta
            along += gain[i] * delta * normal
        for i in range(n if needed else 0):
            normal, delta = (lanes(row(x, i), at) - mean) / deviation, lanes(row(dz, i), at)
            inner = gain[i] * delta - whole / n - normal * (along / n)
            _add_to(row(dx, i), at, inner / deviation)


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
