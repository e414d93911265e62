"""Spans of requests, commands and the worker's rounds for OpenTelemetry; until switched on, nothing at all."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Span, Tracer

P = ParamSpec("P")
T = TypeVar("T")

_NOTHING: AbstractContextManager[None] = nullcontext()
_tracer: Tracer | None = None


class TelemetryMissing(AdjudicateError):
    """Tracing is switched on, and its packages are not installed."""

    code: ClassVar[str] = "setting-invalid"


def switch_on(processor: SpanProcessor | None = None) -> None:
    """Hand spans to `processor` from now on; without one, send them as the variables OTEL_* say.

    Nothing of the process is changed but this module: a program that embeds the API keeps its own tracing. Raises
    TelemetryMissing.
    """
    global _tracer  # noqa: PLW0603 - one switch for the process, like the configuration of logging
    try:
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - of an extra that need not be installed
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - the same
    except ImportError as error:
        raise _missing() from error
    provider = TracerProvider(resource=Resource.create({"service.name": "adjudicate"}))
    provider.add_span_processor(processor or _exporting())
    _tracer = provider.get_tracer("adjudicate")


def switch_off() -> None:
    """Make no spans from now on."""
    global _tracer  # noqa: PLW0603 - the same
    _tracer = None


def _missing() -> TelemetryMissing:
    return TelemetryMissing(
        zh="环境变量 ADJUDICATE_TELEMETRY 设为 1 时，须先安装 adjudicate[telemetry]。",
        en="ADJUDICATE_TELEMETRY=1 needs the packages of adjudicate[telemetry] to be installed.",
    )


def _exporting() -> SpanProcessor:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - the same
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - the same
    except ImportError as error:
        raise _missing() from error
    return BatchSpanProcessor(OTLPSpanExporter())


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """A span around a block, under the one that is open. Attributes name ids and kinds, never what a case holds."""
    return _NOTHING if _tracer is None else _open(_tracer, name, attributes, None)


def traced(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make each call of a function a span."""

    def around(work: Callable[P, T]) -> Callable[P, T]:
        @wraps(work)
        def call(*given: P.args, **named: P.kwargs) -> T:
            with span(name):
                return work(*given, **named)

        return call

    return around


class RequestSpan:
    """The span of a request. Its route is known only when it has been answered."""

    def __init__(self, span: Span) -> None:
        self._span = span

    @property
    def trace_id(self) -> str:
        """The id of the trace in hex, as the log names it."""
        return format(self._span.get_span_context().trace_id, "032x")

    def ended(self, method: str, route: str, status: int) -> None:
        """Name the span by what was asked for, and say what was answered."""
        self._span.update_name(f"{method} {route}")
        self._span.set_attributes({"http.route": route, "http.response.status_code": status})


@contextmanager
def request(method: str, request_id: str, headers: Mapping[str, str]) -> Iterator[RequestSpan | None]:
    """The span of a request under the caller's, where `headers` has its `traceparent`; None where tracing is off."""
    if _tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - off, it shall cost nothing
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415 - the same

    above = TraceContextTextMapPropagator().extract(headers)
    attributes = {"http.request.method": method, "adjudicate.request_id": request_id}
    with _open(_tracer, method, attributes, above, kind=SpanKind.SERVER) as opened:
        yield RequestSpan(opened)


@contextmanager
def _open(tracer: Tracer, name: str, attributes: Mapping[str, Any], above: Any, **more: Any) -> Iterator[Span]:
    # The message and the stack of an error quote facts and names, so the library must not record them.
    with tracer.start_as_current_span(
        name, above, attributes=dict(attributes), record_exception=False, set_status_on_exception=False, **more
    ) as opened:
        try:
            yield opened
        except BaseException as error:
            from opentelemetry.trace import StatusCode  # noqa: PLC0415 - the same

            opened.set_attribute("error.type", type(error).__qualname__)
            opened.set_status(StatusCode.ERROR)
            raise
