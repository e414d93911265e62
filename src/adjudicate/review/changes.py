"""What a version says otherwise than the one before it: side by side, and which of the older one's cards differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adjudicate.review.blocks import Card, Phrases, Table

_HEAD = ("何处", "从前", "现在")
# What stands beside the title of a card.
_LEAD = "主体或者性质"
_WIDTHS = (24, 38, 38)
# A shorter name may be a part of another by chance.
_NAME = 4
Sections = Mapping[str, Sequence[Card]]
Row = tuple[Phrases, ...]


@dataclass(frozen=True)
class Comparison:
    """Two versions, section by section, as cards without numbers; `options` are the old and new names of values."""

    older: Sections
    newer: Sections
    options: Mapping[str, str]

    def changes(self) -> Table:
        """What is new and what is gone, by title; of the rest each row that differs, those that differ alike at once.

        A row shows only the phrases that are gone and those that are new. What has only another name is told once,
        and citations not at all: `citations` has them.
        """
        renamed = self._renamed()
        return _table((section, _section(*self._sides(section), renamed)) for section in self._named())

    def citations(self) -> Table:
        """The citations that differ; what passed from one to the same other together, by number where it has one."""
        alike: dict[tuple[Phrases, Phrases], dict[str, list[str]]] = {}
        for section in self._named():
            for was, card in _pairs(*self._sides(section)):
                if was and was.basis != card.basis:
                    found = alike.setdefault((was.basis, card.basis), {})
                    found.setdefault(section, []).append(card.number or f"“{card.title}”")
        rows = [
            (tuple(f"{section} {'、'.join(dict.fromkeys(which))}" for section, which in found.items()), was, now)
            for (was, now), found in alike.items()
        ]
        return Table(_HEAD, tuple(rows), _WIDTHS)

    def differing(self, section: str) -> frozenset[str]:
        """The keys of the older cards that are gone, or say something else than the newer ones but for names."""
        before, after = self._sides(section)
        renamed = self._renamed()
        alike = {was.key for was, card in _pairs(before, after) if was and not list(_rows(was, card, renamed))}
        return frozenset(card.key for card in before if card.key not in alike)

    def _named(self) -> list[str]:
        return [section for section in self.newer if self.older.get(section) or self.newer[section]]

    def _sides(self, section: str) -> tuple[Sequence[Card], Sequence[Card]]:
        return self.older.get(section, ()), self.newer.get(section, ())

    def _renamed(self) -> Mapping[str, str]:
        """The old names of what bears another now; the longest first, lest one is taken for a part of another."""
        found = dict(self.options)
        for section in self._named():
            for was, card in _pairs(*self._sides(section)):
                if was and was.title != card.title:
                    found[was.title] = card.title
        return dict(sorted(found.items(), key=lambda one: -len(one[0])))


def _table(sections: Iterator[tuple[str, list[Row]]]) -> Table:
    rows: list[Row] = []
    for section, found in sections:
        rows += [((section,),), *found] if found else []
    return Table(_HEAD, tuple(rows), _WIDTHS)


def _pairs(before: Sequence[Card], after: Sequence[Card]) -> Iterator[tuple[Card | None, Card]]:
    """Each newer card with the older one of its key; else with one of its event that no other card takes."""
    known = {card.key: card for card in before}
    taken = {card.key for card in after}
    left = [card for card in before if card.key not in taken]
    for card in after:
        was = known.get(card.key)
        if was is None:
            was = next((one for one in left if one.key.split()[0] == card.key.split()[0]), None)
            left = [one for one in left if one is not was]
        yield was, card


def _section(before: Sequence[Card], after: Sequence[Card], renamed: Mapping[str, str]) -> list[Row]:
    pairs = list(_pairs(before, after))
    kept = {was.key for was, _ in pairs if was}
    rows: list[Row] = []
    new = tuple(card.heading for was, card in pairs if was is None)
    gone = tuple(card.title for card in before if card.key not in kept)
    rows += [(("新增",), (), new)] if new else []
    rows += [(("删去",), gone, ())] if gone else []
    rows += _names([(was.title, card.title) for was, card in pairs if was and was.title != card.title])
    alike: dict[tuple[str, Phrases, Phrases], list[str]] = {}
    for was, card in pairs:
        for name, old, current in _rows(was, card, renamed) if was else ():
            alike.setdefault((name, old, current), []).append(card.title)
    return rows + [(_where(name, titles), old, current) for (name, old, current), titles in alike.items()]


def _names(pairs: Sequence[tuple[str, str]]) -> list[Row]:
    """The names that changed; where one word took the place of another in several, that word with the new names."""
    by_word: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for old, new in pairs:
        by_word.setdefault(_replaced(old, new), []).append((old, new))
    rows: list[Row] = []
    for (old, new), found in by_word.items():
        if len(found) > 1 and old and new:
            rows.append((("名称",), (f"所称“{old}”",), (f"改称“{new}”：", *(now for _, now in found))))
        else:
            rows += [(("名称",), (was,), (now,)) for was, now in found]
    return rows


def _replaced(old: str, new: str) -> tuple[str, str]:
    """What is left of two names without what they begin and end with alike."""
    begin = _alike(old, new)
    old, new = old[begin:], new[begin:]
    end = _alike(old[::-1], new[::-1])
    return old[: len(old) - end], new[: len(new) - end]


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _where(name: str, titles: Sequence[str]) -> Phrases:
    return (f"{titles[0]}·{name}" if len(titles) == 1 else f"{name}：{'；'.join(titles)}",)


def _rows(old: Card, new: Card, renamed: Mapping[str, str]) -> Iterator[tuple[str, Phrases, Phrases]]:
    before, after = {_LEAD: old.lead, **dict(old.rows)}, {_LEAD: new.lead, **dict(new.rows)}
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name, ()), after.get(name, ())
        known = {_in_new_names(phrase, renamed): phrase for phrase in was}
        gone = tuple(phrase for said, phrase in known.items() if said not in now and phrase not in now)
        come = tuple(phrase for phrase in now if phrase not in known and phrase not in was)
        if gone or come:
            yield name, gone, come


def _in_new_names(phrase: str, renamed: Mapping[str, str]) -> str:
    for old, new in renamed.items():
        if phrase == old:
            return new
        phrase = phrase.replace(f"“{old}”", f"“{new}”")
        if len(old) >= _NAME:
            phrase = phrase.replace(old, new)
    return phrase
