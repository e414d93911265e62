"""The commands on the record as a whole: verify it, and write the work lists anew; what they do stands elsewhere."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from adjudicate.cli.language import language_option
from adjudicate.cli.running import say_put_aside, settings_now

BROKEN = 1


@click.command()
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Compare the heads of all chains with this file outside the database; append the new ones if they agree.",
)
@click.option("--documents", is_flag=True, help="Read the bytes of every document and compare them with their digests.")
@language_option
@click.pass_context
def verify(context: click.Context, *, checkpoint: Path | None, documents: bool) -> None:
    """Check every chain, number and trigger, and rebuild every state, fact and deadline from the events alone."""
    from adjudicate.cases.registry import Registry
    from adjudicate.verification.verifying import verify as verified

    with closing(Registry.start(settings_now())) as registry:
        findings = verified(registry, checkpoint=checkpoint, documents=documents)
    for finding in findings:
        where = " ".join(str(part) for part in (finding.case_id, finding.sequence) if part is not None)
        click.echo(f"{where}: {finding.zh} / {finding.en}" if where else f"{finding.zh} / {finding.en}")
    if findings:
        click.echo(f"{len(findings)} findings", err=True)
        context.exit(BROKEN)
    click.echo("nothing to find fault with", err=True)


@click.command()
@click.pass_context
def rebuild(context: click.Context) -> None:
    """Write the rows of every work list anew from the cases, for a release that adds or changes one."""
    from adjudicate.cases import rebuild as rebuilding
    from adjudicate.cases.registry import Registry

    with closing(Registry.start(settings_now())) as registry:
        report = rebuilding.rebuild(registry)
    click.echo(f"{report.cases} cases")
    if report.put_aside:
        say_put_aside(report.put_aside)
        context.exit(BROKEN)
