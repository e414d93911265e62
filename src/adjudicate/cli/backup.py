"""The commands backup and restore: they say on standard error how far they are; what they do stands elsewhere."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adjudicate.cli.language import language_option, spoken
from adjudicate.cli.running import settings_now
from adjudicate.law.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from adjudicate.backup.manifest import Manifest

INCOMPLETE = 1
_TERMINATED = 128 + signal.SIGTERM


@contextmanager
def _cleaned_up_when_told_to_stop() -> Iterator[None]:
    """Let SIGTERM end the block as an exception, so that no half-written file stays behind."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _teller(context: click.Context) -> Callable[[Text], None]:
    return lambda said: click.echo(said.in_language(spoken(context)), err=True)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--despite-damaged-documents",
    is_flag=True,
    help="Go on where a document's bytes are missing or changed, and list it in the manifest; ends with code 1 then.",
)
@language_option
@click.pass_context
def backup(context: click.Context, file: Path, *, despite_damaged_documents: bool) -> None:
    """Write the whole database and all documents to FILE, while serving; compressed if it ends in .gz.

    The file can be restored into either kind of database. An existing FILE is refused.
    """
    from adjudicate.backup import taking

    tell = _teller(context)
    with _cleaned_up_when_told_to_stop():
        written = taking.take(settings_now(), file, despite_damage=despite_damaged_documents, tell=tell)
    tell(Text(f"备份已写成：{file}", f"the backup is written: {file}"))
    _end(context, written)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@language_option
@click.pass_context
def restore(context: click.Context, file: Path) -> None:
    """Restore the backup FILE into an empty database and the folder of the documents.

    The database is made as the backup's release had it, filled, and migrated to this release.
    """
    from adjudicate.backup import restoring

    tell = _teller(context)
    if os.geteuid() == 0:
        tell(
            Text(
                "以 root 恢复：恢复出的文件只有 root 能读；请改以服务所用的系统用户恢复，或恢复后将文件夹交还给它",
                "restoring as root: root alone will be able to read the documents; restore as the service's user, "
                "or give the folder to it afterwards",
            )
        )
    with _cleaned_up_when_told_to_stop():
        restored = restoring.restore(settings_now(), file, tell=tell)
    tell(Text("已恢复；请运行 adjudicate verify 核对。", "restored; now run adjudicate verify."))
    _end(context, restored)


def _end(context: click.Context, manifest: Manifest) -> None:
    """Name the documents that the backup lacks, and end with a code of their own if there are any."""
    tell = _teller(context)
    for each in manifest.damaged_documents:
        tell(
            Text(
                f"备份不含案件 {each.case} 中摘要为 {each.digest} 的文件内容",
                f"the backup lacks the bytes of the document {each.digest} of case {each.case}",
            )
        )
    if manifest.damaged_documents:
        context.exit(INCOMPLETE)
