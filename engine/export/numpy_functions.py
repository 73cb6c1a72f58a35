"""Functions that exported NumPy source may call; only those it calls are written into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

FUNCTIONS: Mapping[str, str] = {
    "component": '''
def component(columns, name):
    """Return one component, (rows, 1), of a column: name[i]."""
    if name in columns:
        return columns[name]
    column, index = name[:-1].rsplit("[", 1)
    return columns[column][:, int(index) : int(index) + 1]
''',
    "sigmoid": '''
def sigmoid(x):
    """Return 1 / (1 + e^-x) without overflow."""
    return np.exp(-np.logaddexp(0, -x))
''',
    "sech_squared": '''
def sech_squared(x):
    """Return 1 - tanh(x)^2, exact far from 0 too."""
    decay = np.exp(-2 * np.abs(x))
    return 4 * decay / (1 + decay) ** 2
''',
    "softmax": '''
def softmax(x):
    """Return e^x / (sum of e^x) along each row."""
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
''',
    "log_softmax": '''
def log_softmax(x):
    """Return the logarithm of softmax(x)."""
    shifted = x - x.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
''',
    "normal_cdf": '''
def normal_cdf(x):
    """Return the probability that a standard normal number is smaller than x."""
    return np.vectorize(lambda one: 0.5 * math.erfc(-one / math.sqrt(2)), otypes=[float])(x)
''',
    "gelu_gate": '''
def gelu_gate(x):
    """Return (1 + tanh u) / 2 for u = sqrt(2 / pi) * (x + 0.044715 * x^3)."""
    return sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
''',
    "gelu_gate_slope": '''
def gelu_gate_slope(x):
    """Return the derivative of gelu_gate."""
    gate = gelu_gate(x)
    return gate * (1 - gate) * 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)
''',
    "bounded_log": '''
def bounded_log(x):
    """Return the logarithm, but never below -100."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(x), -100)
''',
    "entropy_terms": '''
def entropy_terms(t):
    """Return t * log(t), which is 0 at 0."""
    return t * np.log(np.where(t > 0, t, 1))
''',
    "normalised": '''
def normalised(x, epsilon):
    """Give each row mean 0 and variance 1."""
    centred = x - x.mean(axis=1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + epsilon)
''',
    "normalised_message": '''
def normalised_message(d, x, epsilon):
    """Return the gradient with respect to x, d being that with respect to normalised(x)."""
    n = normalised(x, epsilon)
    spread = np.sqrt(x.var(axis=1, keepdims=True) + epsilon)
    along = (d * n).mean(axis=1, keepdims=True)
    return (d - d.mean(axis=1, keepdims=True) - n * along) / spread
''',
    "part_message": '''
def part_message(d, x, start, stop):
    """Return d in the components start to stop of x, 0 elsewhere."""
    message = np.zeros(x.shape)
    message[:, start:stop] = d
    return message
''',
}


def functions_called(lines: Iterable[str]) -> list[str]:
    """Return the sources of the functions that lines of source call, and those they call."""
    wanted: set[str] = set()
    waiting = ["\n".join(lines)]
    while waiting:
        text = waiting.pop()
        found = {name for name in re.findall(r"\b(\w+)\(", text) if name in FUNCTIONS} - wanted
        wanted |= found
        waiting.extend(FUNCTIONS[name] for name in found)
    return [source for name, source in FUNCTIONS.items() if name in wanted]
