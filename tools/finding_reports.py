"""A pytest plugin that writes how each test marked `finding` ended into a JSON file; tools/failed-before reads it.

It runs with the pytest of an older commit too, so it uses nothing of this project.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "finding"
LONGEST_REASON = 200


class Reports:
    """Collects, by node id, the marked ids and one ending: `passed`, `assertion`, `skipped` or `error`.

    Where ids are wanted, only the tests of these run; every id that some test bears is told all the same.
    """

    def __init__(self, path: Path, wanted: set[str]) -> None:
        self._path = path
        self._wanted = wanted
        self._marked: set[str] = set()
        self._tests: dict[str, dict[str, Any]] = {}
        self._broken: dict[str, str] = {}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the marked tests alone, and of these the wanted ones."""
        marked = {item.nodeid: [str(one) for mark in item.iter_markers(MARK) for one in mark.args] for item in items}
        self._marked = {one for ids in marked.values() for one in ids}
        kept = [item for item in items if marked[item.nodeid] and self._is_wanted(marked[item.nodeid])]
        names = {item.nodeid for item in kept}
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in names])
        items[:] = kept
        self._tests = {
            item.nodeid: {"ids": marked[item.nodeid], "ended": "error", "reason": "it did not run"} for item in items
        }

    def _is_wanted(self, ids: list[str]) -> bool:
        return not self._wanted or bool(self._wanted & set(ids))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember why a file could not be collected."""
        if report.failed:
            lines = [line.strip() for line in report.longreprtext.splitlines() if line.strip()]
            raised = [line.removeprefix("E").strip() for line in lines if line.startswith("E ")]
            self._broken[report.nodeid] = (raised or lines or ["it could not be collected"])[-1][:LONGEST_REASON]

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        """Tell a failed assertion of the test from everything else that may go wrong."""
        made = yield
        report: pytest.TestReport = made.get_result()  # type: ignore[attr-defined]
        ending = self._tests[item.nodeid]
        if report.passed:
            if report.when == "call":
                ending |= {"ended": "passed", "reason": ""}
        elif report.skipped:
            ending |= {"ended": "skipped", "reason": "it was skipped"}
        elif call.excinfo is not None:
            asserted = call.excinfo.errisinstance((AssertionError, pytest.fail.Exception))
            ended = "assertion" if asserted and report.when == "call" and self._in_tests(item, call) else "error"
            ending |= {"ended": ended, "reason": self._reason(item, call, report.when)}

    @staticmethod
    def _place(item: pytest.Item, call: pytest.CallInfo[None]) -> Path | None:
        """The last place of the project, seen from its root, that the exception went through."""
        assert call.excinfo is not None
        root = item.config.rootpath.resolve()
        places = [Path(str(entry.path)).resolve() for entry in call.excinfo.traceback]
        inside = [path.relative_to(root) for path in places if path.is_relative_to(root)]
        own = [path for path in inside if not path.parts[0].startswith(".")]
        return own[-1] if own else None

    def _in_tests(self, item: pytest.Item, call: pytest.CallInfo[None]) -> bool:
        place = self._place(item, call)
        return place is not None and place.parts[0] == "tests"

    def _reason(self, item: pytest.Item, call: pytest.CallInfo[None], when: str) -> str:
        assert call.excinfo is not None
        lacking = getattr(call.excinfo.value, "argname", None)
        message = f"no fixture '{lacking}'" if lacking else str(call.excinfo.value).strip() or call.excinfo.exconly()
        first = f"{call.excinfo.typename}: {message.splitlines()[0]}"[:LONGEST_REASON]
        place = self._place(item, call)
        elsewhere = f" in {place}" if place is not None and place != Path(item.nodeid.partition("::")[0]) else ""
        return f"{first}{elsewhere}{'' if when == 'call' else f' during {when}'}"

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        found = {"tests": self._tests, "broken": self._broken, "marked": sorted(self._marked)}
        self._path.write_text(json.dumps(found), encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that say where to write, and of which ids."""
    parser.addoption("--finding-reports", type=Path, help="write how the marked tests ended into this file")
    parser.addoption("--finding-ids", default="", help="run the tests of these ids alone, with commas between them")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, which an older tree does not know, and the collector of reports."""
    config.addinivalue_line("markers", f"{MARK}(id): shows that a fault is mended")
    path = config.getoption("--finding-reports")
    if path is not None:
        wanted = {one for one in config.getoption("--finding-ids").split(",") if one}
        config.pluginmanager.register(Reports(path, wanted))
