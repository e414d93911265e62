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
@click.option("--new-checkpoint", is_flag=True, help="Begin the file that --checkpoint names; it must not be there.")
@click.option("--documents", is_flag=True, help="Read the bytes of every document and compare them with their digests.")
@language_option
@click.pass_context
def verify(context: click.Context, *, checkpoint: Path | None, new_checkpoint: bool, documents: bool) -> None:
    """Check every chain, number and trigger, and rebuild every state, fact and deadline from the events alone."""
    from adjudicate.cases.registry import Registry
    from adjudicate.verification.verifying import verify as verified

    compared = 0 if checkpoint is None else _heads_to_compare(checkpoint, new=new_checkpoint)
    with closing(Registry.start(settings_now())) as registry:
        findings = verified(registry, checkpoint=checkpoint, documents=documents)
    for finding in findings:
        where = " ".join(str(part) for part in (finding.case_id, finding.sequence) if part is not None)
        click.echo(f"{where}: {finding.zh} / {finding.en}" if where else f"{finding.zh} / {finding.en}")
    if findings:
        click.echo(f"{len(findings)} findings", err=True)
        context.exit(BROKEN)
    click.echo("nothing to find fault with", err=True)
    if checkpoint is not None:
        click.echo(f"{compared} heads compared, {_lines_of(checkpoint) - compared} added", err=True)


def _heads_to_compare(path: Path, *, new: bool) -> int:
    """How many heads a checkpoint names; raises click's error where it must not be used.

    A wrong path, a disk that is not mounted or an emptied file would compare nothing and look like success.
    """
    heads = _lines_of(path)
    if new and not path.parent.is_dir():
        raise _refusal(path, "所在文件夹不存在", "its folder is not there")
    if new and heads:
        raise _refusal(path, "已有内容，不能重新开始", "it is there already and is not begun anew")
    if not new and not heads:
        raise _refusal(
            path,
            "不存在或者是空的；首次建立请加 --new-checkpoint",
            "it is missing or empty; to begin one, add --new-checkpoint",
        )
    return heads


def _lines_of(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(1 for _ in file)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise _refusal(path, "无法读取", "it cannot be read") from error


def _refusal(path: Path, zh: str, en: str) -> click.UsageError:
    return click.UsageError(f"检查点 {path} {zh} / the checkpoint {path}: {en}")


@click.command()
@click.pass_context
def rebuild(context: click.Context) -> None:
    """Fold every case anew from its events and write what differs: its standing and its work lists."""
    from adjudicate.cases import rebuild as rebuilding
    from adjudicate.cases.registry import Registry

    with closing(Registry.start(settings_now())) as registry:
        report = rebuilding.rebuild(registry)
    click.echo(f"{report.cases} cases, {report.standings} standings written anew")
    if report.put_aside:
        say_put_aside(report.put_aside)
        context.exit(BROKEN)
