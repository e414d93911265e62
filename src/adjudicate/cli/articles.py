"""The command on the articles of the law: what rests on one, and how many open cases a change of it would touch."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adjudicate.cli.language import language_option, spoken
from adjudicate.cli.running import settings_now
from adjudicate.law.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adjudicate.definition.article_index import Asked
    from adjudicate.definition.catalogue import Catalogue
    from adjudicate.settings import Settings


@click.command()
@click.argument("instrument")
@click.argument("article", required=False)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The definitions to look into; else those of the settings.",
)
@language_option
@click.pass_context
def articles(context: click.Context, instrument: str, article: str | None, folder: Path | None) -> None:
    """Print what rests on ARTICLE (26, or a paragraph: 12(5)) of INSTRUMENT (ZJ81), or all its articles.

    Where ADJUDICATE_DATABASE_URL is set it also counts the open cases that a change of the article would touch.
    """
    from adjudicate.definition.catalogue import load
    from adjudicate.review import coverage

    settings = settings_now()
    law = load(folder or settings.workflows)
    if article is None:
        lines = coverage.of_instrument(law.articles.instrument(instrument))
    else:
        lines = _of_article(law, law.articles.asked(instrument, article), settings)
    for line in lines:
        click.echo(line.in_language(spoken(context)))


def _of_article(law: Catalogue, asked: Asked, settings: Settings) -> Iterator[Text]:
    from adjudicate.review import coverage

    yield from coverage.of_article(asked)
    if "database_url" in settings.model_fields_set:
        yield from _of_cases(law, asked, settings)


def _of_cases(law: Catalogue, asked: Asked, settings: Settings) -> Iterator[Text]:
    """The open cases of all offices: whoever may read the database from here may see them."""
    from adjudicate.cases.queries import touched as touched_cases
    from adjudicate.cases.registry import Registry
    from adjudicate.definition.article_reach import touched

    with closing(Registry.start(settings)) as registry, registry.reads.connect() as connection:
        counted = touched_cases.count(connection, sight=None, office=None, reach=touched(law, asked))
    total = counted.total()
    yield Text(f"  如有变动，涉及在办案件 {total} 件", f"  open cases that a change would touch: {total}")
    for (key, day), number in sorted(counted.items()):
        title = law.versions_by_key[key][day].workflow.title
        yield Text(f"    {title.zh}（{day} 起）：{number} 件", f"    {title.en} (from {day}): {number}")
