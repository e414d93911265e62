"""What the environment sets, read once into one frozen value; nothing here opens a file or a database."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from adjudicate.errors import AdjudicateError
from adjudicate.law.periods import Length, Unit
from adjudicate.shipped_files import DEFAULT_FILE, packaged_law_folder
from adjudicate.time_limits import Limits

DEFAULT_DATABASE = f"sqlite:///{DEFAULT_FILE}"
_PREFIX = "ADJUDICATE_"
# Names that do not follow from a field's own; of several, the first that is set is read.
_NAMED = {"port": ("PORT", "ADJUDICATE_PORT")}


class SettingInvalid(AdjudicateError):
    """Environment variables hold values that cannot be used. Each is named, and no value is shown: some are secrets."""

    code = "setting-invalid"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a variable may hold, as it follows the variable's name in a sentence."""

    zh: str
    en: str


def _one_or_zero(value: object) -> object:
    # Pydantic would take `yes` and `on` too; who misreads the sandbox switch lets callers set the day.
    if isinstance(value, str) and value.strip() not in {"1", "0"}:
        raise ValueError
    return value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Switch = Annotated[bool, BeforeValidator(_one_or_zero), Allowed("只能是 1 或 0", "must be 1 or 0")]
DatabaseUrl = Annotated[
    str,
    Field(pattern=r"^(sqlite(\+pysqlite)?:///|(postgres|postgresql|postgresql\+psycopg)://)."),
    Allowed(
        "须以 sqlite:/// 或 postgresql:// 开头，不支持其他驱动",
        "must begin with sqlite:/// or postgresql://; no other driver is supported",
    ),
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    BeforeValidator(_lower),
    Allowed("只能是 debug、info、warning 或 error", "must be debug, info, warning or error"),
]


class Settings(BaseModel):
    """Everything that may be set from outside: `from_environment` reads it, `Settings(…)` takes only its arguments.

    A file `.env` is never read: a file that happens to lie in the working folder must not choose the database or
    switch the sandbox on. What starts the process (systemd, compose, a shell) can read such a file itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    database_url: DatabaseUrl = Field(
        default=DEFAULT_DATABASE,
        repr=False,
        description="Where the record is kept: a SQLite file or a PostgreSQL database.",
    )
    workflows: Path = Field(
        default_factory=packaged_law_folder,
        description="The folder of the law: definitions, registers and calendars.",
    )
    documents: Path = Field(
        default=Path("var/documents"), description="The folder of the documents' bytes, each under its SHA-256."
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="The address that `serve` listens on.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(
        default=8000,
        description="The port that `serve` listens on. Where it is not set, `ADJUDICATE_PORT` is read.",
    )
    sandbox: Switch = Field(
        default=False,
        description="1: callers may set the day through the API. Only a database first opened with 1 accepts it.",
    )
    cursor_secret: str = Field(
        default="",
        repr=False,
        description="Seals the cursors of lists; the same for all processes. Unset: the caller's own token does.",
    )
    warn_working_days: Annotated[int, Field(ge=1, le=250)] = Field(
        default=3, description="How many working days before a due day a warning is given where the law sets no other."
    )
    worker_interval_seconds: Annotated[float, Field(ge=0.01, le=3600)] = Field(
        default=1.0, description="How long an idle worker waits before it looks again."
    )
    lease_seconds: Annotated[int, Field(ge=1, le=86_400)] = Field(
        default=60, description="How long a worker may take over a batch of messages before another one takes them."
    )
    connect_seconds: Annotated[int, Field(ge=2, le=60)] = Field(
        default=3, description="How long one attempt to connect to PostgreSQL may take."
    )
    lock_seconds: Annotated[float, Field(ge=0.1, le=600)] = Field(
        default=4.0, description="How long a command waits for a lock, for its turn, or for a place in the pool."
    )
    statement_seconds: Annotated[float, Field(ge=0.1, le=3600)] = Field(
        default=6.0, description="How long one statement may run on PostgreSQL, unless an operator's command sent it."
    )
    command_seconds: Annotated[float, Field(ge=0.5, le=3600)] = Field(
        default=8.0, description="The deadline of a whole request: all its waits, statements and repetitions together."
    )
    outbox_days: Annotated[int, Field(ge=0, le=36_500)] = Field(
        default=90, description="How many days a delivered message is kept in the outbox; 0: for ever."
    )
    idempotency_days: Annotated[int, Field(ge=0, le=36_500)] = Field(
        default=90, description="How many days an answer is kept to be given again for its key; 0: for ever."
    )
    log_level: LogLevel = Field(default="info", description="The lowest level of the lines that are logged.")
    access_log: Switch = Field(
        default=True, description="1: each request that ends is one line of the log; probes only at the level debug."
    )
    telemetry: Switch = Field(
        default=False,
        description="1: spans go to OpenTelemetry as OTEL_* say; needs the extra packages `telemetry`.",
    )
    metrics_folder: Path | None = Field(
        default=None,
        description="Where processes share what they count; `serve --processes` makes a folder itself.",
    )
    max_connections: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=1000, description="How many connections a process keeps; beyond it idle ones give way, then 503."
    )
    max_head_bytes: Annotated[int, Field(ge=4096, le=1_048_576)] = Field(
        default=32_768, description="How long the head of a request may be."
    )
    max_head_fields: Annotated[int, Field(ge=20, le=1000)] = Field(
        default=100, description="How many fields the head of a request may have."
    )
    head_seconds: Annotated[float, Field(ge=0.5, le=600)] = Field(
        default=10.0, description="How long the head of a request may take."
    )
    body_seconds: Annotated[float, Field(ge=0.5, le=3600)] = Field(
        default=30.0,
        description="How long a body may take, and a second more for every 64 KiB; also an answer that nobody reads.",
    )
    idle_seconds: Annotated[float, Field(ge=0.5, le=3600)] = Field(
        default=65.0, description="How long a connection stays open between two requests."
    )
    crash_at: str = Field(default="", description="A point at which a test kills the process; only in a sandbox.")

    @property
    def warn_before(self) -> Length:
        """The default distance of a warning from the due day."""
        return Length(self.warn_working_days, Unit.WORKING_DAYS)

    @property
    def limits(self) -> Limits:
        """How long the database may keep a caller waiting."""
        return Limits(
            connect_seconds=self.connect_seconds,
            lock_seconds=self.lock_seconds,
            statement_seconds=self.statement_seconds,
            command_seconds=self.command_seconds,
        )

    @classmethod
    def from_environment(cls) -> Settings:
        """The settings of ADJUDICATE_* and PORT. Raises SettingInvalid naming every variable that cannot be used."""
        read = {field: variable for field in cls.model_fields if (variable := _set_variable(field)) is not None}
        try:
            found = cls.model_validate({field: os.environ[variable].strip() for field, variable in read.items()})
        except ValidationError as error:
            raise _invalid(error, read) from None
        return found if found.sandbox else found.model_copy(update={"crash_at": ""})


def variable_of(field: str) -> str:
    """The environment variable that sets a field of `Settings`."""
    return _variables_of(field)[0]


def _variables_of(field: str) -> tuple[str, ...]:
    return _NAMED.get(field, (f"{_PREFIX}{field.upper()}",))


def _set_variable(field: str) -> str | None:
    """The variable that a field is read from, spelt exactly so; None where none is set to more than spaces."""
    return next((name for name in _variables_of(field) if os.environ.get(name, "").strip()), None)


def unknown_variables() -> list[str]:
    """Variables of the environment that look like settings and are none: misspelt ones, and those in small letters."""
    known = {name for field in Settings.model_fields for name in _variables_of(field)}
    return sorted(name for name in os.environ if name.upper().startswith(_PREFIX) and name not in known)


def allowed(field: FieldInfo) -> Allowed | None:
    """What a field's variable may hold; None for any text or path."""
    stated = next((each for each in field.metadata if isinstance(each, Allowed)), None)
    if stated is not None:
        return stated
    low = next((each.ge for each in field.metadata if hasattr(each, "ge")), None)
    high = next((each.le for each in field.metadata if hasattr(each, "le")), None)
    if low is None or high is None:
        return None
    zh, en = ("整数", "a whole number") if field.annotation is int else ("数", "a number")
    return Allowed(f"应为 {low} 至 {high} 之间的{zh}", f"must be {en} from {low} to {high}")


def _invalid(error: ValidationError, read: dict[str, str]) -> SettingInvalid:
    """`read` are the variables that were read, by field."""
    faults = []
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        field = str(each["loc"][0])
        rule = allowed(Settings.model_fields[field]) or Allowed("不能如此设置", "cannot be set to this")
        faults.append((read[field], rule))
    return SettingInvalid(
        zh="；".join(f"环境变量 {name} {rule.zh}" for name, rule in faults),
        en="; ".join(f"environment variable {name} {rule.en}" for name, rule in faults),
    )
