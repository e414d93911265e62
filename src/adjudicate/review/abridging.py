"""Says once what several cards of one version say alike, so that a reader sees what is particular to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adjudicate.review.blocks import Card
from adjudicate.review.cards import STAYS

# Fewer rows than this are read sooner than looked up.
_WORTH = 2


def abridged(cards: Sequence[Card]) -> tuple[Card, ...]:
    """Steps: what one says like the first step of its event, it says by that one's number; a lone row in its head."""
    first: dict[str, Card] = {}
    found = []
    for card in cards:
        model = first.setdefault(card.key.split()[0], card)
        found.append(_in_its_head(card if model is card else _like(card, model)))
    return tuple(found)


def _like(card: Card, model: Card) -> Card:
    alike = [row for row in card.rows if row in model.rows]
    if len(alike) < _WORTH:
        return card
    same = (f"同事项 {model.number}", (f"{'、'.join(name for name, _ in alike)}与“{model.title}”相同",))
    return replace(card, rows=(*(row for row in card.rows if row not in alike), same))


def _in_its_head(card: Card) -> Card:
    """Where nothing is said but in which stages it may be taken, that stands beside the title."""
    if len(card.rows) != 1 or card.rows[0][0] != STAYS:
        return card
    ((name, said),) = card.rows
    return replace(card, basis=(*card.basis, f"{'、'.join(said)}，{name}"), rows=())
