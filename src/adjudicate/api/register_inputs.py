"""Request bodies on offices, people, appointments and tokens, as strict, frozen models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from adjudicate.api.inputs import ActorId, Input, Instant, OfficeCode, Reason, RoleName, Sequence, ShortText, fault

Region = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Roles = Annotated[list[RoleName], Field(min_length=1, max_length=30)]


class OfficeIn(Input):
    """An office to be added below one that you administer."""

    code: OfficeCode
    region: Region = Field(description="The GB/T 2260 code of where it is.")
    name_zh: ShortText
    name_en: ShortText
    docket_name: ShortText = Field(description="What its docket numbers begin with.")
    level: Literal["national", "provincial", "city"]
    parent: OfficeCode = Field(description="The office above it, or the one that registers an outside body.")
    kind: RoleName | None = Field(default=None, description="From `GET /v1/roles`; an office inside if left out.")


class OfficeChangeIn(Input):
    """What is to change of an office: its names, or that it is closed."""

    name_zh: ShortText | None = None
    name_en: ShortText | None = None
    docket_name: ShortText | None = None
    closed: Literal[True] | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> OfficeChangeIn:
        named = (self.name_zh, self.name_en, self.docket_name)
        if (self.closed is None) == all(one is None for one in named):
            raise fault("change-unclear", "应写明更名或者撤销之一", "either change names or close the office")
        return self


class PersonIn(Input):
    """A person, or a system, that shall act for an office."""

    id: ActorId
    name: ShortText
    office: OfficeCode
    roles: Roles


class PersonChangeIn(Input):
    """What is to change of a person: the name, or the office with the roles there, or that the person has left."""

    name: ShortText | None = None
    office: OfficeCode | None = None
    roles: Roles | None = None
    left: Literal[True] | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> PersonChangeIn:
        if (self.office is None) != (self.roles is None):
            raise fault("move-unclear", "调动须同时写明机构和角色", "a move names the office and the roles there")
        said = [self.name is not None, self.office is not None, self.left is not None]
        if sum(said) != 1:
            raise fault(
                "change-unclear", "应写明更名、调动、离任之一", "change the name, move the person or let them leave"
            )
        return self


class AppointmentIn(Input):
    """A role at an office beside a person's own ones, such as of who stands in for somebody."""

    office: OfficeCode
    role: RoleName
    from_at: Instant | None = Field(default=None, description="Now if left out.")
    until_at: Instant | None = Field(default=None, description="Until it is ended if left out.")
    stands_in_for: ActorId | None = None


class TokenIn(Input):
    """A token to be issued."""

    label: Annotated[str, StringConstraints(max_length=200)] = Field(default="", description="What it is for.")
    days: Annotated[int, Field(strict=True, ge=1, le=366)] = Field(
        default=90, description="For how many days it holds."
    )


class NameErasureIn(Input):
    """Why the name of a person who has left is erased."""

    reason: Reason


class ErasureIn(Input):
    """What is to be erased of a case, and why: particulars of events by sequence, documents by digest."""

    events: Annotated[list[Sequence], Field(max_length=200)] = Field(default_factory=list)
    documents: Annotated[list[Digest], Field(max_length=200)] = Field(default_factory=list)
    reason: Reason

    @model_validator(mode="after")
    def _something(self) -> ErasureIn:
        if not self.events and not self.documents:
            raise fault("erasure-empty", "应写明要删除的事项或者文件", "name events or documents to be erased")
        return self


class OfficerIn(Input):
    """Who shall be in charge of a case."""

    officer: ActorId
    reason: Reason | None = None
