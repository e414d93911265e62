"""What can be refused about a stored case before the law is asked; HTTP is not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from collections.abc import Mapping


class CaseNotFound(AdjudicateError):
    """There is no such case, or the caller may not know of it: which of the two is not told."""

    code: ClassVar[str] = "case-not-found"

    def __init__(self) -> None:
        super().__init__(zh="没有该案件，或您无权知悉。", en="There is no such case, or not for you to know of.")


class StaleCase(AdjudicateError):
    """The case has changed since the version the caller read. `version` is the present one."""

    code: ClassVar[str] = "stale-case"

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(
            zh=f"案件已更新至第 {version} 版，请重新读取后再办理。",
            en=f"The case now stands at version {version}; read it again first.",
        )


class KeyReused(AdjudicateError):
    """The idempotency key was used by this actor for a request with another content."""

    code: ClassVar[str] = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__(
            zh="该幂等键已用于内容不同的请求。", en="This idempotency key was used for a request with another content."
        )


class AnswerErased(AdjudicateError):
    """A command is repeated that was carried out, and its answer told particulars that were erased since.

    `headers` are those of the answer that still hold: where the case lies.
    """

    code: ClassVar[str] = "answer-erased"

    def __init__(self, case_id: str | None, headers: Mapping[str, str]) -> None:
        self.headers = dict(headers)
        of_zh, of_en = (
            ("", "") if case_id is None else (f"案件编号为 {case_id}。", f" The id of the case is {case_id}.")
        )
        super().__init__(
            zh=f"该请求已经办理，其答复中的个人信息已依法删除，无法再次给出，请重新读取。{of_zh}",
            en="The request was carried out, but its answer told particulars that were erased since; "
            f"read what it concerned instead.{of_en}",
        )


class WorkflowUnknown(AdjudicateError):
    """No procedure of that name is loaded."""

    code: ClassVar[str] = "workflow-unknown"


class OfficeUnknown(AdjudicateError):
    """No office has that code, or the procedure may not be run at its level."""

    code: ClassVar[str] = "office-unknown"


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
