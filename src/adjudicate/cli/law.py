"""The commands on the law: check, render, show and calendar load; the checks themselves are elsewhere."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from adjudicate.cli.language import language_option, spoken
from adjudicate.cli.running import say_put_aside, settings_now

BROKEN = 1
UNKNOWN = 2
REGION_DIGITS = 6


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--articles", "code", metavar="CODE", help="Only print what cites each article of this instrument, or why not."
)
@language_option
@click.pass_context
def check(context: click.Context, folder: Path | None, *, code: str | None) -> None:
    """Prove the workflow definitions in FOLDER: every defect at once, with file, line and a counter-example."""
    from adjudicate import checks

    if code is not None:
        _print_articles(context, folder or settings_now().workflows, code)
        return
    report = checks.check(folder or settings_now().workflows)
    click.echo("\n".join(report.lines(spoken(context))))
    if report.faults:
        context.exit(BROKEN)


def _print_articles(context: click.Context, folder: Path, code: str) -> None:
    """What cites each article of an instrument, and why the others are not cited."""
    from adjudicate.definition.articles import uses
    from adjudicate.definition.catalogue import from_texts, read_texts
    from adjudicate.review import coverage

    texts = read_texts(folder)
    law = from_texts(texts)
    try:
        listed, title = coverage.chosen(code, texts, law.registers)
    except coverage.NotListed as error:
        click.echo(error.said.in_language(spoken(context)), err=True)
        context.exit(UNKNOWN)
    local_rules = {key: law.local_rules(key) for key in law.versions_by_key}
    for line in coverage.report(title, listed, uses(law.versions_by_key, local_rules, texts)):
        click.echo(line.in_language(spoken(context)))


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail when a REVIEW.md is stale.")
@click.option(
    "--html",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write each review as one HTML file for printing into this folder instead, and change nothing else.",
)
@language_option
@click.pass_context
def render(context: click.Context, folder: Path | None, target: Path | None, *, only_check: bool) -> None:
    """Write the REVIEW.md of every procedure, which a lawyer signs, and the page of open points."""
    from adjudicate.review import files as rendering

    if target is not None and only_check:
        raise click.UsageError("--html 与 --check 不能并用 / --html and --check exclude each other")
    if target is not None:
        for path in rendering.write_sheets(folder or settings_now().workflows, target):
            click.echo(f"written: {path}")
        return
    stale = rendering.render(folder or settings_now().workflows, write=not only_check)
    for path in stale:
        click.echo(f"{'stale' if only_check else 'written'}: {path}")
    if stale and only_check:
        context.exit(BROKEN)


@click.command()
@click.argument("procedure")
@click.argument("day")
@click.option("--region", help="A GB/T 2260 code of six digits: with its local rules.")
def show(procedure: str, day: str, region: str | None) -> None:
    """Print the definition of PROCEDURE (or of an incident) that is in force from DAY, with all that it inherits.

    It is one YAML file; behind each entry stands the file and line where it was written.
    """
    from adjudicate.definition.catalogue import load as load_law
    from adjudicate.law.periods import parse_day
    from adjudicate.review.whole import whole

    if region is not None and not (len(region) == REGION_DIGITS and region.isascii() and region.isdigit()):
        said = f"“{region}”不是六位行政区划代码 / '{region}' is no GB/T 2260 code of six digits"
        raise click.BadParameter(said, param_hint="--region")
    begins, law = parse_day(day), load_law(settings_now().workflows)
    if region is not None and procedure in law.keys("incident"):
        said = f"“{procedure}”是附随程序，没有地方规定 / '{procedure}' is an incident, which has no local rules"
        raise click.BadParameter(said, param_hint="--region")
    click.echo(whole(law, procedure, begins, region), nl=False)
    if region is not None and not law.overlays(procedure, begins, region):
        said = f"{region} 对该版本没有地方规定 / no local rules of {region} meet this version"
        click.echo(said, err=True)


@click.group()
def calendar() -> None:
    """Holiday notices."""


@calendar.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file and print what it holds; keep and move nothing.")
@language_option
@click.pass_context
def load(context: click.Context, file: Path, *, dry_run: bool) -> None:
    """Load a published year from FILE as a new version, re-date the open cases, and print which due days moved."""
    from adjudicate.cases.calendars import load_calendar
    from adjudicate.cases.clock_check import require_true_clock
    from adjudicate.cases.registry import Registry
    from adjudicate.law.calendars import calendar_text

    with closing(Registry.start(settings_now())) as registry:
        require_true_clock(registry)
        report = load_calendar(registry, calendar_text(file), source=file.name, dry_run=dry_run)
    state = "known" if report.known else "new"
    if report.superseded:
        state = f"known, not in force: {report.holds} holds"
    click.echo(f"{report.code} {report.year}: {report.notice} ({state}, {report.digest[:12]})")
    for said in report.summary:
        click.echo(f"  {said.in_language(spoken(context))}")
    if dry_run:
        click.echo("dry run: nothing is kept")
        return
    click.echo(f"looked at {report.looked_at} open cases, {len(report.moved)} moved")
    for case_id, moved in report.moved.items():
        for each in moved:
            click.echo(f"{case_id} {each.key}: {each.was_on or '-'} -> {each.is_on or '-'}")
    if report.put_aside:
        say_put_aside(report.put_aside)
        context.exit(BROKEN)
