"""Assembles the application: routes, error handlers, middleware and the registry; it does not serve it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from anyio import create_task_group
from fastapi import FastAPI
from starlette.middleware import Middleware

from adjudicate.api import (
    articles,
    cases,
    commands,
    documents,
    due_date,
    erasures,
    errors,
    grants,
    lists,
    officers,
    openapi,
    operation,
    people,
    register,
    summary,
    turns,
    workflows,
)
from adjudicate.api.figures import Figures
from adjudicate.api.middleware import EachRequest
from adjudicate.cases.registry import Registry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adjudicate.settings import Settings

# The framework tries the routers in this order for each request; recording is the most frequent request.
ROUTERS = (
    commands.router,
    lists.router,
    summary.router,
    cases.router,
    documents.router,
    grants.router,
    erasures.router,
    officers.router,
    register.router,
    people.router,
    workflows.router,
    articles.router,
    due_date.router,
    operation.router,
)
# Only in a sandbox.
SANDBOX_ROUTERS = (operation.sandbox,)

DESCRIPTION = """\
Legal days are plain dates in Asia/Shanghai; instants are UTC (RFC 3339). Every error is an RFC 9457 problem with a
stable `code`; its title and detail are Chinese unless `Accept-Language` prefers English. Commands need an
`Idempotency-Key`, and commands on a case also the case's `ETag` in `If-Match`. What you may not see gives 404.
"""


# What the framework would tell of requests by itself; `tracing` and `metrics` do that here.
SILENT: Any = dict.fromkeys(("tracing", "metrics", "logs", "operation_spans", "auto_configure"), False)


def create_app(settings: Settings | None = None, *, registry: Registry | None = None) -> FastAPI:
    """The application on a migrated database. Raises SandboxMismatch, DefinitionError, SettingInvalid."""
    if registry is None:
        from adjudicate.settings import Settings as Read  # noqa: PLC0415 - a factory for uvicorn reads the environment

        registry = Registry.start(settings or Read.from_environment())
    figures = Figures(registry)

    @asynccontextmanager
    async def sampling(_app: FastAPI) -> AsyncIterator[None]:
        async with create_task_group() as tasks:
            tasks.start_soon(figures.sample_connections)
            yield
            tasks.cancel_scope.cancel()

    app = FastAPI(
        lifespan=sampling,
        title="adjudicate",
        summary="Patent procedures of Chinese intellectual property offices",
        description=DESCRIPTION,
        version=version("adjudicate"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=SILENT,
        middleware=[Middleware(EachRequest, log_requests=registry.settings.access_log)],
    )
    app.state.registry = registry
    app.state.figures = figures
    errors.install(app)
    turns.install(app, registry.settings.limits)
    for router in (*ROUTERS, *(SANDBOX_ROUTERS if registry.settings.sandbox else ())):
        app.include_router(router)

    def described() -> dict[str, Any]:
        return openapi.describe(app)

    app.openapi = described  # type: ignore[method-assign]
    return app
