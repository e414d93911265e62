"""What can be refused about offices, people and tokens; HTTP is not known here."""

from __future__ import annotations

from typing import ClassVar

from adjudicate.errors import AdjudicateError


class OfficeInvalid(AdjudicateError):
    """An office cannot be added or changed as described."""

    code: ClassVar[str] = "office-invalid"


class ActorInvalid(AdjudicateError):
    """A person cannot be added or changed as described, or is not in the register."""

    code: ClassVar[str] = "actor-invalid"
    allowed: tuple[str, ...] | None = None  # the roles that could be given instead


class NotAppointed(AdjudicateError):
    """A caller wants to act at an office where it has no role at this moment."""

    code: ClassVar[str] = "not-permitted"

    def __init__(self) -> None:
        super().__init__(
            zh="您目前在该机构没有任何角色，不能以该机构人员的身份办理；请去掉请求头中的机构，或者由管理人员先予任职。",
            en="You have no role at that office now and cannot act there: leave the office out of the header, or let "
            "who administers it appoint you first.",
        )
