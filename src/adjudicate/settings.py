"""What the environment says, read once into one frozen value; nothing here opens a file or a database."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adjudicate.errors import AdjudicateError
from adjudicate.law.periods import Length, Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_DATABASE = "sqlite:///./var/adjudicate.db"
_DEFAULT_WARNING = Length(3, Unit.WORKING_DAYS)


class SettingInvalid(AdjudicateError):
    """An environment variable holds a value that cannot be used."""

    code = "setting-invalid"


def _packaged_workflows() -> Path:
    """The folder of the law: in the working folder, else inside the installed package, else beside the source tree.

    Who stands in a checkout, or beside an office's own law, means the law that lies there.
    """
    package = Path(__file__).resolve().parent
    beside_source = package.parents[1] / "workflows"
    candidates = (Path("workflows"), package / "workflows", beside_source)
    return next((path for path in candidates if path.is_dir()), beside_source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that may be set from outside. `warn_before` is the default distance of a warning from the due day."""

    database_url: str = DEFAULT_DATABASE
    host: str = "127.0.0.1"
    port: int = 8000
    sandbox: bool = False
    workflows: Path = Path("workflows")
    documents: Path = Path("var/documents")
    warn_before: Length = _DEFAULT_WARNING
    worker_interval_seconds: float = 1.0
    lease_seconds: int = 60
    cursor_secret: str = ""
    crash_at: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read ADJUDICATE_* and PORT. Raises SettingInvalid naming the variable."""
        env = os.environ if environment is None else environment
        sandbox = _flag(env, "ADJUDICATE_SANDBOX")
        workflows = env.get("ADJUDICATE_WORKFLOWS")
        return cls(
            database_url=env.get("ADJUDICATE_DATABASE_URL") or DEFAULT_DATABASE,
            host=env.get("ADJUDICATE_HOST") or "127.0.0.1",
            port=_whole(env, "PORT", default=8000, low=1, high=65535),
            sandbox=sandbox,
            workflows=Path(workflows) if workflows else _packaged_workflows(),
            documents=Path(env.get("ADJUDICATE_DOCUMENTS") or "var/documents"),
            warn_before=Length(
                _whole(env, "ADJUDICATE_WARN_WORKING_DAYS", default=3, low=1, high=250), Unit.WORKING_DAYS
            ),
            cursor_secret=env.get("ADJUDICATE_CURSOR_SECRET") or "",
            crash_at=env.get("ADJUDICATE_CRASH_AT", "") if sandbox else "",
        )


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip()
    if value in {"", "0"}:
        return False
    if value == "1":
        return True
    raise SettingInvalid(zh=f"环境变量 {name} 只能是 1 或 0", en=f"environment variable {name} must be 1 or 0")


def _whole(env: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    value = env.get(name, "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        raise SettingInvalid(
            zh=f"环境变量 {name} 应为 {low} 至 {high} 之间的整数",
            en=f"environment variable {name} must be a whole number from {low} to {high}",
        )
    return int(value)
