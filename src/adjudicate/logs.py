"""What the process logs: one line for each event, as JSON or for a terminal; never what a case holds, nor names."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextlib import nullcontext, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import structlog
from structlog.contextvars import bind_contextvars, merge_contextvars, unbind_contextvars
from structlog.stdlib import BoundLogger, ProcessorFormatter, add_log_level, add_logger_name, filter_by_level

from adjudicate.compact_json import compact
from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

OWN = "adjudicate"
REQUEST_ENDED = "request ended"
_requests = logging.getLogger(f"{OWN}.requests")
# Their messages name addresses, process ids and settings. What others put into a message may come from a case.
_TRUSTED = ("uvicorn", "alembic")
_FIRST = ("timestamp", "level", "logger", "event")
_OUTER_FRAMES = 3
_INNER_FRAMES = 5
_LONGEST = 300
_LOGGED = "already in the log of adjudicate"


def logger(name: str) -> BoundLogger:
    """The logger of a module: a constant sentence for the event, and fields that name nothing but ids and kinds.

    It needs no configuration of structlog's own, so that a program that embeds the API keeps its own.
    """
    made: BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[filter_by_level, *_SHARED, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=True,
    )
    return made


def configure(level: str = "info") -> None:
    """Write every logger's events to standard error from now on: JSON unless that is a terminal.

    `level` holds for this program; other libraries speak from `warning` on, since what they say below it may quote
    statements with their values.
    """
    root, own = logging.getLogger(), logging.getLogger(OWN)
    for handler in _handlers():
        root.removeHandler(handler)
    root.addHandler(_Lines())
    own.setLevel(level.upper())
    root.setLevel(max(logging.WARNING, own.level))


def bind(**fields: str | None) -> None:
    """Let every further line of this task, and of the threads that it starts, bear these fields; None takes one away.

    A server runs each request as a task of its own, so that nothing has to be taken back at its end.
    """
    bind_contextvars(**{name: value for name, value in fields.items() if value is not None})
    unbind_contextvars(*(name for name, value in fields.items() if value is None))


def request_ended(level: int, kind: tuple[tuple[str, str], ...], told: dict[str, str | float]) -> None:
    """Write the line of a request that has ended. The usual way to a line costs ten times as much."""
    if not _requests.isEnabledFor(level):
        return
    handlers = _handlers()
    if not handlers or sys.stderr.isatty():
        logger(_requests.name).log(level, REQUEST_ENDED, **dict(kind), **told)
        return
    stamp = _stamp(_requests, "", {})["timestamp"]
    handlers[0].write_line(f'{{"timestamp":"{stamp}",{_constant_part(level, kind)},{compact(told)[1:]}')


@lru_cache(maxsize=1024)
def _constant_part(level: int, kind: tuple[tuple[str, str], ...]) -> str:
    named = {"level": logging.getLevelName(level).lower(), "logger": _requests.name, "event": REQUEST_ENDED}
    return compact({**named, **dict(kind)})[1:-1]


def _handlers() -> list[_Lines]:
    return [handler for handler in logging.getLogger().handlers if isinstance(handler, _Lines)]


class _Lines(logging.StreamHandler[TextIO]):
    """One line on standard error for each record, wherever standard error leads at that moment."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(
            ProcessorFormatter(
                foreign_pre_chain=[_foreign_message, *_SHARED],
                processors=[ProcessorFormatter.remove_processors_meta, _in_order, _render],
                use_get_message=False,
                pass_foreign_args=True,
            )
        )
        self.addFilter(_is_wanted)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        self.stream = sys.stderr
        super().emit(record)

    def write_line(self, line: str) -> None:
        """Write a line that is ready. One that cannot be written is lost, as those of `emit` are."""
        with self.lock or nullcontext(), suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


def _is_wanted(record: logging.LogRecord) -> bool:
    if record.name == OWN or record.name.startswith(f"{OWN}."):
        return True
    error = record.exc_info[1] if record.exc_info else None
    return record.levelno >= logging.WARNING and _LOGGED not in getattr(error, "__notes__", ())


def _foreign_message(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The message of another library: its first line, and its values only where they cannot come from a case."""
    record: logging.LogRecord = event["_record"]
    values = event.pop("positional_args", None)
    message = str(record.msg)
    if values and record.name.startswith(_TRUSTED):
        message %= values
    lines = message.strip().splitlines()
    event["event"] = lines[0][:_LONGEST] if lines else ""
    return event


def _describe_error(_logger: Any, _method: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    for name in ("stack_info", "exc_text", "stack"):
        event.pop(name, None)
    error = given[1] if isinstance(given, tuple) else sys.exception() if given is True else given
    if isinstance(error, BaseException):
        event.update(described(error))
        if _LOGGED not in getattr(error, "__notes__", ()):
            error.add_note(_LOGGED)
    return event


def described(error: BaseException, *, frames: bool = True) -> dict[str, str]:
    """An error without its message, which may quote facts, names and statements: its type, its codes, and where.

    `trace` runs from the outermost frame of this program to the place where the error arose; without `frames` it is
    left out.
    """
    found = {"error": _type(error)}
    if isinstance(error, AdjudicateError):
        found["code"] = str(getattr(error, "problem_code", error.code))
    origin = _origin(error)
    if origin is not error:
        found["cause"] = _type(origin)
    state = getattr(origin, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", None)
    if state is not None:
        found["sqlstate"] = str(state)
    if frames:
        found["trace"] = " > ".join(_frames(error))
    return found


def _origin(error: BaseException) -> BaseException:
    seen = {id(error)}
    while (cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__)) is not None:
        if id(cause) in seen:
            break
        seen.add(id(cause))
        error = cause
    return error


def _type(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frames(error: BaseException) -> list[str]:
    """The frames of this program that the error passed, outermost first, and the frame in which it arose."""
    package = Path(__file__).resolve().parent
    frames = list(traceback.walk_tb(error.__traceback__))
    named = []
    for number, (frame, line) in enumerate(frames, 1):
        path, name = Path(frame.f_code.co_filename), frame.f_code.co_qualname
        if path.is_relative_to(package):
            named.append(f"{path.relative_to(package).as_posix()}:{line} {name}")
        elif number == len(frames):
            named.append(f"{path.name}:{line} {name}")
    if len(named) <= _OUTER_FRAMES + _INNER_FRAMES:
        return named
    return [*named[:_OUTER_FRAMES], "…", *named[-_INNER_FRAMES:]]


_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
_SHARED: list[Processor] = [
    # Whoever binds a request's id for its duration finds it in every line of that request.
    merge_contextvars,
    add_logger_name,
    add_log_level,
    _stamp,
    _describe_error,
]


def _in_order(_logger: Any, _method: str, event: EventDict) -> EventDict:
    first = {name: event[name] for name in _FIRST if name in event}
    return {**first, **event}


def _render(logger: Any, method: str, event: EventDict) -> str:
    return str((_for_terminal if sys.stderr.isatty() else _as_json)(logger, method, event))


_as_json = structlog.processors.JSONRenderer(
    json.dumps, ensure_ascii=False, default=lambda value: type(value).__qualname__
)
_for_terminal = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback, sort_keys=False)
