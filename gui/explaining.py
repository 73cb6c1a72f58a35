"""Why is this number what it is? Explanations as rich text with links to nodes and edges."""

from __future__ import annotations

from html import escape

import numpy as np

from engine.analysis.delta_terms import DeltaTerms, Term, delta_terms
from engine.op import Array
from engine.running import backward, forward
from graph.document import Document
from graph.spec import Role
from gui.numbers import edge_numbers, node_numbers, written
from gui.session import Session
from gui.structure import carries_weight

_COMPONENTS = 5  # of a vector that are written out
_TERMS = 60  # of a sum that are written out


def explain(session: Session) -> str:
    """Return the explanation of what is selected, as HTML."""
    nodes, edges = session.selection.nodes, session.selection.edges
    if len(nodes) == 1 and not edges:
        return _node(session, next(iter(nodes)))
    if len(edges) == 1 and not nodes:
        return _edge(session, next(iter(edges)))
    return "<p>Select a node or an edge: here stands where its δ or its gradient comes from.</p>"


def terms_of(session: Session, node: str) -> DeltaTerms | None:
    """Return the terms of a node's δ in the row shown (the first one for a mean)."""
    plan, theta = session.plan, session.theta
    columns = session.calculation.columns
    if plan is None or theta is None or node not in plan.outputs:
        return None
    row = session.row or 0
    one = {name: column[row : row + 1] for name, column in columns.items()}
    with np.errstate(all="ignore"):
        run = forward(plan, theta, one)
        return delta_terms(plan, theta, run, backward(plan, theta, run), node, 0)


def _node(session: Session, node: str) -> str:
    document = session.document
    spec = document.spec(node)
    formula = f"<p>{_code(spec.formula)}</p>" if spec and spec.formula else ""
    terms = terms_of(session, node)
    if spec is None or terms is None:
        return f"{formula}<p>Its numbers appear once the network can run.</p>"
    name = escape(document.nodes[node].label or node)
    about = f"<p><i>{_which_row(session)}</i></p>"
    return f"{formula}{about}<h4>Why this δ?</h4>{_sum(document, terms, name)}"


def _sum(document: Document, terms: DeltaTerms, name: str) -> str:
    if not terms.terms and not terms.own.any():
        return f"<p>δ of {name} is 0: no path leads from it to an error.</p>"
    lines = []
    inner = "Σ w·δ" if any(term.weight is not None for term in terms.terms) else "Σ messages"
    if terms.slope is not None:
        lines.append(_code(f"δ({name}) = f′(s) · {inner}"))
        lines.append(
            _code(f"= {_vector(terms.slope)} · {_vector(terms.gradient)} = {_vector(terms.delta)}")
        )
    else:
        lines.append(_code(f"δ({name}) = {inner} = {_vector(terms.delta)}"))
    rows = [_term(document, term) for term in terms.terms[:_TERMS]]
    if terms.own.any():
        rows.append(
            f"<tr><td>its own share of E</td><td align=right>{_vector(terms.own)}</td></tr>"
        )
    if len(terms.terms) > _TERMS:
        rows.append(f"<tr><td>and {len(terms.terms) - _TERMS} more</td><td></td></tr>")
    rows.append(
        f"<tr><td><b>Σ = ∂E/∂z</b></td><td align=right><b>{_vector(terms.gradient)}</b></td></tr>"
    )
    table = f"<table cellspacing=0 cellpadding=3 width='100%'>{''.join(rows)}</table>"
    return f"<p>{'<br>'.join(lines)}</p>{table}"


def _term(document: Document, term: Term) -> str:
    target = escape(document.nodes[term.target].label or term.target)
    link = f"<a href='edge:{escape(term.edge)}'>→ {target}</a>"
    if term.weight is not None and term.weight.size == 1:
        weight, delta = float(term.weight.item()), float(term.delta.item())
        how = f"w·δ = {written(weight, 4)} · {_factor(delta)}"
    elif term.weight is not None:
        how = f"Wᵀδ, δ = {_vector(term.delta)}"
    else:
        how = f"δ = {_vector(term.delta)}"
    return (
        f"<tr><td>{link}<br><small>{how}</small></td>"
        f"<td align=right>{_vector(term.message)}</td></tr>"
    )


def _edge(session: Session, edge_id: str) -> str:
    document = session.document
    edge = document.edges[edge_id]
    source = escape(document.nodes[edge.source].label or edge.source)
    target = escape(document.nodes[edge.target].label or edge.target)
    ends = (
        f"<p><a href='node:{escape(edge.source)}'>{source}</a> → "
        f"<a href='node:{escape(edge.target)}'>{target}</a></p>"
    )
    readings = session.readings
    numbers = edge_numbers(readings, edge_id)
    start, end = node_numbers(readings, edge.source), node_numbers(readings, edge.target)
    if numbers is None or start is None or end is None:
        return f"{ends}<p>Its numbers appear once the network can run.</p>"
    lines = []
    scalar = start.values is None and end.values is None
    if carries_weight(document, edge_id):
        lines.append(f"∂E/∂w = z({source}) · δ({target})")
        if scalar and session.row is not None:
            product = f"{written(start.value, 4)} · {_factor(end.delta)}"
            lines.append(f"= {product} = {written(numbers.gradient, 4)}")
        elif scalar:
            lines.append(f"mean over the rows: {written(numbers.gradient, 4)}")
        else:
            lines.append(f"norm of all its entries: {written(numbers.gradient_norm, 4)}")
        lines.append(f"back flows w · δ({target}): {written(numbers.message, 4)}")
    elif (spec := document.spec(edge.target)) and spec.role is not Role.LOSS:
        lines.append(f"back flows δ({target}) · ∂({target})/∂({source}):")
        lines.append(written(numbers.message, 4))
    else:
        lines.append(f"back flows ∂E/∂({source}): {written(numbers.message, 4)}")
    body = _code("<br>".join(lines), raw=True)
    return f"{ends}<p><i>{_which_row(session, mean=True)}</i></p><p>{body}</p>"


def _which_row(session: Session, *, mean: bool = False) -> str:
    if session.calculation.prepared is None:
        return "Without data."
    if session.row is None:
        return "Mean over the batch." if mean else "For row 1; choose another in the run bar."
    return f"For row {session.row + 1}."


def _vector(array: Array) -> str:
    if array.size == 1:
        return written(float(array.item()), 4)
    shown = ", ".join(written(float(number), 3) for number in array[:_COMPONENTS])
    return f"({shown}{', …' if array.size > _COMPONENTS else ''})"


def _factor(number: float) -> str:
    text = written(number, 4)
    return f"({text})" if number < 0 else text


def _code(text: str, *, raw: bool = False) -> str:
    return (
        f"<span style='font-family: monospace'>{text if raw else escape(text, quote=False)}</span>"
    )
