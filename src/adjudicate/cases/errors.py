"""What can be refused about a stored case before the law is asked; HTTP is not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from adjudicate.errors import AdjudicateError
from adjudicate.guards.why import quoted_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adjudicate.law.text import Text


class CaseNotFound(AdjudicateError):
    """There is no such case, or the caller may not know of it: which of the two is not told."""

    code: ClassVar[str] = "case-not-found"

    def __init__(self) -> None:
        super().__init__(
            zh="没有该案件，或者您无权知悉；需要办理的，请由承办机构授权。",
            en="There is no such case, or not for you to know of; if you have to deal with it, "
            "the office that handles it grants access.",
        )


class StaleCase(AdjudicateError):
    """The case has changed since the version the caller read. `version` is the present one."""

    code: ClassVar[str] = "stale-case"

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(
            zh=f"案件在您读取之后已更新至第 {version} 版，请重新读取，核对后再办理。",
            en=f"The case has changed since you read it and now stands at version {version}: read it again, check, and "
            "then decide anew.",
        )


class KeyReused(AdjudicateError):
    """The idempotency key was used by this actor for a request with another content."""

    code: ClassVar[str] = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__(
            zh="该幂等键已用于内容不同的请求，请为新的请求给出新的幂等键。",
            en="This idempotency key was used for a request with another content: give a new one for a new request.",
        )


class AnswerErased(AdjudicateError):
    """A command is repeated that was carried out, and its answer told particulars that were erased since.

    `headers` are those of the answer that still hold: where the case lies.
    """

    code: ClassVar[str] = "answer-erased"

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = dict(headers)
        super().__init__(
            zh="该请求已经办理，其答复中的个人信息已依法删除，无法再次给出，请读取响应头所指的案件或者人员。",
            en="The request was carried out, but its answer told particulars that were erased since; "
            "read the case or the person that the answer's header names.",
        )


class WorkflowUnknown(AdjudicateError):
    """No procedure of that name is loaded."""

    code: ClassVar[str] = "workflow-unknown"


class OfficeUnknown(AdjudicateError):
    """No office has that code, or the procedure may not be run at its level."""

    code: ClassVar[str] = "office-unknown"


def no_such_procedure(titles: Iterable[Text]) -> WorkflowUnknown:
    """The refusal of a procedure's key that none has, with the titles of those that there are."""
    there = quoted_list(titles)
    return WorkflowUnknown(
        zh=f"没有所填的程序；现有：{there.zh}", en=f"there is no such procedure; there are: {there.en}"
    )


def no_such_office() -> OfficeUnknown:
    """The refusal of an office's code that no office has."""
    return OfficeUnknown(
        zh="没有所填代码的机构，请按机构列表填写",
        en="no office has the code that was given: take one from the list of offices",
    )


class SandboxMismatch(AdjudicateError):
    """A sandbox switch on a real database, or a sandbox database without the switch."""

    code: ClassVar[str] = "sandbox-mismatch"


class DayCannotBePlayed(AdjudicateError):
    """The sandbox's day cannot be moved there: no sandbox, or acts were already recorded on a later day."""

    code: ClassVar[str] = "day-not-playable"


class NothingToErase(AdjudicateError):
    """An event without particulars, or a document that is not on the file, was named to be erased."""

    code: ClassVar[str] = "nothing-to-erase"


class OfficerUnknown(AdjudicateError):
    """Somebody cannot be put in charge of a case: not in the register, or without a role where it is handled."""

    code: ClassVar[str] = "officer-unknown"
