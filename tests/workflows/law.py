"""What follows an edit of the law: check, worked examples, REVIEW.md and standings, and all of it that changed.

`make law` runs it. Whatever fails, it writes what can be written, says what to do about the rest, and ends with 1.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections import Counter
from pathlib import Path

from adjudicate import checks
from adjudicate.cli.language import of_locale
from adjudicate.definition import json_schema
from adjudicate.errors import DefinitionError
from adjudicate.guards import word_table
from adjudicate.review import files as reviews
from tests.workflows import law_rows, standings
from tests.workflows.runner import ROOT, Case, ScenarioError, run, shipped
from tests.workflows.script import Scenario, collect
from tests.workflows.watch import demanded, watching

LAW = ROOT / "workflows"
DOCS = ROOT / "docs"


def say(text: str = "") -> None:
    """One line or several."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def kept() -> dict[Path, str]:
    """The files that are written here as they stand."""
    paths = [*LAW.glob(f"*/{reviews.NAME}"), *LAW.glob(reviews.POINTS), *standings.HERE.glob("*.yaml")]
    paths += [
        path for path in (DOCS / "workflow-format.md", law_rows.PAGE, *DOCS.glob("schemas/*.json")) if path.is_file()
    ]
    return {path: path.read_text(encoding="utf-8") for path in sorted(paths)}


def ran(scenarios: list[Scenario]) -> tuple[dict[tuple[str, str], Case], list[str], list[str]]:
    """The worked examples that hold, by procedure and name; what fails of the others; the rules that none shows."""
    held: dict[tuple[str, str], Case] = {}
    broken: list[str] = []
    with watching() as watch:
        for scenario in scenarios:
            try:
                held[scenario.workflow, scenario.name] = run(scenario, shipped())
            except ScenarioError as error:
                broken.append(str(error))
    unseen = [
        f"{one.kind}: {one.file[0]} {one.file[1]}: {one.what}" for one in demanded(shipped(), watch) if not one.seen
    ]
    return held, broken, unseen


def changed(before: dict[Path, str]) -> list[str]:
    """The lines of the files written here that are gone (-) or new (+), file by file."""
    lines: list[str] = []
    after = kept()
    for path in sorted({*before, *after}):
        old, new = before.get(path, "").splitlines(), after.get(path, "").splitlines()
        name = path.relative_to(ROOT).as_posix()
        found = list(difflib.unified_diff(old, new, name, name, lineterm="", n=0))
        lines += [line for line in found[1:] if not line.startswith("@@")]
    return lines


def main() -> int:
    """Everything in turn; 0 if all is well."""
    before = kept()
    say("== 检查定义 / check the definitions")
    report = checks.check(LAW)
    language = of_locale(os.environ) or "zh"
    for fault in report.faults:
        say(fault.said(language))
    say(list(report.lines(language))[-1])
    if DOCS.is_dir():
        word_table.write(DOCS / "workflow-format.md")
        json_schema.write(DOCS / "schemas")
    try:
        reviews.write_reviews(LAW)
    except DefinitionError:
        say("\n定义未能载入，其余未运行：请按所列文件和行号改正后，再次运行 make law。")
        say("The definitions do not load, so nothing else was run: mend them at the lines named, then make law again.")
        return 1
    scenarios = collect(LAW)
    say(f"== 运行 {len(scenarios)} 个实例 / run {len(scenarios)} worked examples")
    held, broken, unseen = ran(scenarios)
    standings.write(scenarios, held)
    lost = law_rows.write(shipped()) if DOCS.is_dir() else []
    for text in (*broken, *lost):
        say(text)
    twice = [name for name, times in Counter(f"{one.workflow}: {one.name}" for one in scenarios).items() if times > 1]
    say(f"== 改变之处 / what changed ({reviews.NAME}, {standings.HERE.relative_to(ROOT).as_posix()})")
    say("\n".join(changed(before)) or "没有改变 / nothing")
    return told(faults=len(report.faults), broken=len(broken), unseen=unseen, twice=twice, lost=len(lost))


def told(*, faults: int, broken: int, unseen: list[str], twice: list[str], lost: int = 0) -> int:
    """What is left to be done about what failed; 0 if nothing."""
    say()
    if faults:
        say(f"{faults} 处定义错误：请按所列文件和行号改正。")
        say(f"{faults} faults of definitions: mend them at the lines named.")
    if broken:
        say(f"{broken} 个实例与定义不符：若定义有误，改定义；若法律已改，改实例中的预期（文件和行号见上）。")
        say(
            f"{broken} worked examples do not hold: if the definition is wrong, mend it; if the law has changed, change"
        )
        say("what the example expects, at the file and line named above.")
    for one in unseen:
        say(one)
    if unseen:
        say(f"以上 {len(unseen)} 处没有实例：请在 workflows/<程序>/scenarios/ 中各写一例。")
        say("No worked example shows the rules above: write one for each in workflows/<procedure>/scenarios/.")
    for name in twice:
        say(f"两个实例同名 / two worked examples of one name: {name}")
    if lost:
        say(f"条文要求的承载表（tests/workflows/law_rows）有 {lost} 处与定义不符（见上）：请改正所列名称。")
        say(
            f"The list of what carries each row of the law (tests/workflows/law_rows) is wrong in {lost} places, above."
        )
    if faults or broken or unseen or twice or lost:
        say("改正后再次运行 make law。REVIEW.md 和其余实例的结果已经写好。")
        say("Then make law again. REVIEW.md and how the other examples end are written already.")
        return 1
    say("一切无误：请阅读上列改变，无误后提交。")
    say("All is well: read what changed above, and commit it if it is what you meant.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
