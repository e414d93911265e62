"""The commands on the law: check, render and calendar load; the checks themselves are elsewhere."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from adjudicate.cli.language import language_option, spoken
from adjudicate.cli.running import settings_now

BROKEN = 1


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@language_option
@click.pass_context
def check(context: click.Context, folder: Path | None) -> None:
    """Prove the workflow definitions in FOLDER: every defect at once, with file, line and a counter-example."""
    from adjudicate import checks

    report = checks.check(folder or settings_now().workflows)
    click.echo("\n".join(report.lines(spoken(context))))
    if report.faults:
        context.exit(BROKEN)


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail when a REVIEW.md is stale.")
@language_option
@click.pass_context
def render(context: click.Context, folder: Path | None, *, only_check: bool) -> None:
    """Write the REVIEW.md of every procedure: the table and diagram that a lawyer signs."""
    from adjudicate.review import files as rendering

    stale = rendering.render(folder or settings_now().workflows, write=not only_check)
    for path in stale:
        click.echo(f"{'stale' if only_check else 'written'}: {path}")
    if stale and only_check:
        context.exit(BROKEN)


@click.group()
def calendar() -> None:
    """Holiday notices."""


@calendar.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@language_option
def load(file: Path) -> None:
    """Load a published year from FILE as a new version, re-date the open cases, and print which due days moved."""
    from adjudicate.cases.calendars import load_calendar
    from adjudicate.cases.registry import Registry
    from adjudicate.law.calendars import calendar_text

    with closing(Registry.start(settings_now())) as registry:
        report = load_calendar(registry, calendar_text(file), source=file.name)
    click.echo(
        f"{report.code} {report.year}: {report.notice} ({'known' if report.known else 'new'}, {report.digest[:12]})"
    )
    click.echo(f"looked at {report.looked_at} open cases, {len(report.moved)} moved")
    for case_id, moved in report.moved.items():
        for each in moved:
            click.echo(f"{case_id} {each.key}: {each.was_on or '-'} -> {each.is_on or '-'}")
