"""The command that verifies the record and prints the findings; the verification itself is elsewhere."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from adjudicate.cli.running import settings_now

BROKEN = 1


@click.command()
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Compare the heads of all chains with this file outside the database; append the new ones if they agree.",
)
@click.pass_context
def verify(context: click.Context, checkpoint: Path | None) -> None:
    """Check every chain, number and trigger, and rebuild every state, fact and deadline from the events alone."""
    from adjudicate.cases.registry import Registry
    from adjudicate.verification.verifying import verify as verified

    with closing(Registry.start(settings_now())) as registry:
        findings = verified(registry, checkpoint=checkpoint)
    for finding in findings:
        where = " ".join(str(part) for part in (finding.case_id, finding.sequence) if part is not None)
        click.echo(f"{where}: {finding.zh} / {finding.en}" if where else f"{finding.zh} / {finding.en}")
    if findings:
        click.echo(f"{len(findings)} findings", err=True)
        context.exit(BROKEN)
    click.echo("nothing to find fault with", err=True)
