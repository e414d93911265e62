"""All questions asked."""

from __future__ import annotations

from dataclasses import dataclass

from adjudicate.errors import Fault
from adjudicate.states.checks.report import SliceSize
from adjudicate.states.checks.subject import Subject


@dataclass(frozen=True)
class Explored:
    faults: tuple[Fault, ...] = ()
    slices: tuple[SliceSize, ...] = ()
    waits: tuple[str, ...] = ()


def explore(subject: Subject) -> Explored:
    del subject
    return Explored()
