"""What the name of a trainable slot is made of."""

from __future__ import annotations


def owner(slot: str) -> str:
    """Return the node or edge a slot belongs to (``h1`` of ``h1.bias``)."""
    return slot.rpartition(".")[0]


def slot_of(slot: str) -> str:
    """Return the slot's own name (``bias`` of ``h1.bias``)."""
    return slot.rpartition(".")[2]
