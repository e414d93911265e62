"""What the environment sets, read once into one frozen value; nothing here opens a file or a database."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from adjudicate.errors import AdjudicateError
from adjudicate.law.periods import Length, Unit
from adjudicate.shipped_files import packaged_law_folder

DEFAULT_DATABASE = "sqlite:///./var/adjudicate.db"
_PREFIX = "ADJUDICATE_"


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
    Field(pattern=r"^(sqlite|postgres|postgresql)(\+[a-z]+)?:"),
    Allowed("须以 sqlite: 或 postgresql: 开头", "must begin with sqlite: or postgresql:"),
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    BeforeValidator(_lower),
    Allowed("只能是 debug、info、warning 或 error", "must be debug, info, warning or error"),
]


class Settings(BaseSettings):
    """Everything that may be set from outside: `from_environment` reads it, `Settings(…)` takes only its arguments.

    A file `.env` is never read: a file that happens to lie in the working folder must not choose the database or
    switch the sandbox on. What starts the process (systemd, compose, a shell) can read such a file itself.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
        validate_by_name=True,
    )

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
        validation_alias="PORT",
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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - as the library calls it
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing but the arguments: only `from_environment` looks at the environment."""
        return (init_settings,)

    @classmethod
    def from_environment(cls) -> Settings:
        """The settings of ADJUDICATE_* and PORT. Raises SettingInvalid naming every variable that cannot be used."""
        try:
            found = cls(**EnvSettingsSource(cls)())
        except ValidationError as error:
            raise _invalid(error) from None
        return found if found.sandbox else found.model_copy(update={"crash_at": ""})


def variable_of(field: str) -> str:
    """The environment variable that sets a field of `Settings`."""
    return Settings.model_fields[field].validation_alias or f"{_PREFIX}{field.upper()}"  # type: ignore[return-value]


def unknown_variables() -> list[str]:
    """Variables of the environment that look like settings and are none, such as misspelt ones."""
    known = {variable_of(field) for field in Settings.model_fields} | {f"{_PREFIX}PORT"}
    return sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)


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


def _invalid(error: ValidationError) -> SettingInvalid:
    fields = {variable_of(name): field for name, field in Settings.model_fields.items()}
    faults = []
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        place = str(each["loc"][0])
        variable = variable_of(place) if place in Settings.model_fields else place
        faults.append((variable, allowed(fields[variable]) or Allowed("不能如此设置", "cannot be set to this")))
    return SettingInvalid(
        zh="；".join(f"环境变量 {name} {rule.zh}" for name, rule in faults),
        en="; ".join(f"environment variable {name} {rule.en}" for name, rule in faults),
    )
