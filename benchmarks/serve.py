"""Serves one contender in a process of its own, with the options the product serves itself with."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import Any


def application(kind: str, url: str, template: Path) -> Any:
    """The contender's application: `real`, `bare` or `orm`."""
    if kind == "real":
        from adjudicate.api.app import create_app
        from adjudicate.settings import Settings
        from benchmarks.office import ROOT

        return create_app(Settings(database_url=url, workflows=ROOT / "workflows"))
    held = pickle.loads(template.read_bytes())
    if kind == "bare":
        from benchmarks import bare

        return bare.create_app(url, held)
    from benchmarks import orm

    return orm.create_app(url, held)


def options(kind: str) -> dict[str, Any]:
    """The product bounds what clients may take and logs each request; the others do neither."""
    if kind != "real":
        return {"log_level": "warning"}
    from adjudicate import logs
    from adjudicate.cli.serving import limiting_options
    from adjudicate.settings import Settings

    # A line is made and written, but not onto the screen.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    logs.configure()
    return {"log_config": None, "access_log": False, **limiting_options(Settings())}


def main() -> None:
    """`python -m benchmarks.serve KIND URL TEMPLATE PORT [PROFILE]`."""
    import uvicorn

    kind, url, template, port, *profile = sys.argv[1:]
    app = application(kind, url, Path(template))
    if profile:
        from benchmarks.profiling import profiled

        app = profiled(app, Path(profile[0]))
    config = uvicorn.Config(app, host="127.0.0.1", port=int(port), server_header=False, **options(kind))
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
