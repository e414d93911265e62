"""What a version says otherwise than the one before it, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from adjudicate.review.blocks import Card, Phrases, Table, beside

_HEAD = ("何处", "从前", "现在")
# What stands beside the title of a card.
_LEAD = "主体或者性质"
_WIDTHS = (24, 38, 38)
Sections = Mapping[str, Sequence[Card]]
Rows = Iterator[tuple[Phrases, ...]]


def changes(older: Sections, newer: Sections) -> Table:
    """Every row of every card that differs: only the phrases that are gone, and only those that are new.

    What has only another name is told once, and citations not at all: `citations` has them. The cards are those whose
    conditions bear none.
    """
    renamed = _renamed(older, newer)
    return _table(older, newer, lambda before, after: _section(before, after, renamed))


def citations(older: Sections, newer: Sections) -> Table:
    """The citations that differ, of what both versions have; what passed from one to the same other stands together."""
    return _table(older, newer, _cited)


def _table(
    older: Sections, newer: Sections, compare: Callable[[Mapping[str, Card], Mapping[str, Card]], Rows]
) -> Table:
    rows: list[tuple[Phrases, ...]] = []
    for section in newer:
        before, after = ({card.key: card for card in side.get(section, ())} for side in (older, newer))
        found = list(compare(before, after))
        rows += [((section,),), *found] if found else []
    return Table(_HEAD, tuple(rows), _WIDTHS)


def _renamed(older: Sections, newer: Sections) -> Mapping[str, str]:
    """The old names of what bears another now, the longest first, so that no name is taken for a part of another."""
    titles = {(section, card.key): card.title for section, cards in newer.items() for card in cards}
    found = {
        card.title: titles[section, card.key]
        for section, cards in older.items()
        for card in cards
        if titles.get((section, card.key), card.title) != card.title
    }
    return dict(sorted(found.items(), key=lambda one: -len(one[0])))


def _section(before: Mapping[str, Card], after: Mapping[str, Card], renamed: Mapping[str, str]) -> Rows:
    for key, card in after.items():
        if key not in before:
            yield (card.title,), (), ("新增", *_gist(card))
        else:
            yield from _card(before[key], card, renamed)
    for key, card in before.items():
        if key not in after:
            yield (card.title,), _gist(card), ("删去",)


def _gist(card: Card) -> Phrases:
    """What stands beside the title and the first row, which say the most about a card."""
    return (*beside(card), *(f"{name}：{phrase}" for name, said in card.rows[:1] for phrase in said[:1]))


def _card(old: Card, new: Card, renamed: Mapping[str, str]) -> Rows:
    if old.title != new.title:
        yield (f"{new.title}·名称",), (old.title,), (new.title,)
    before, after = {_LEAD: old.lead, **dict(old.rows)}, {_LEAD: new.lead, **dict(new.rows)}
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name, ()), after.get(name, ())
        known = {_in_new_names(phrase, renamed): phrase for phrase in was}
        gone = tuple(phrase for said, phrase in known.items() if said not in now and phrase not in now)
        come = tuple(phrase for phrase in now if phrase not in known and phrase not in was)
        if gone or come:
            yield (f"{new.title}·{name}",), gone, come


def _in_new_names(phrase: str, renamed: Mapping[str, str]) -> str:
    for old, new in renamed.items():
        phrase = phrase.replace(old, new)
    return phrase


def _cited(before: Mapping[str, Card], after: Mapping[str, Card]) -> Rows:
    alike: dict[tuple[Phrases, Phrases], dict[str, None]] = {}
    for key, card in after.items():
        if key in before and before[key].basis != card.basis:
            alike.setdefault((before[key].basis, card.basis), {})[card.title] = None
    yield from ((tuple(titles), was, now) for (was, now), titles in alike.items())
