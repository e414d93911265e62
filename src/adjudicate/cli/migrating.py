"""The command migrate: it says which database it brought from where to where; the migrations stand elsewhere."""

from __future__ import annotations

import click

from adjudicate.cli.language import language_option
from adjudicate.cli.running import settings_now


@click.command()
@click.option("--only-new", is_flag=True, help="Make a database that is empty or not there; refuse an older one.")
@language_option
def migrate(*, only_new: bool) -> None:
    """Bring the database to this release, and say which database it is and from where to where it went."""
    from adjudicate import db

    url = settings_now().database_url
    before = db.standing_of(url)
    if only_new:
        _make_only(url)
    else:
        db.migrate(url)
    made = "made a new database" if not before else "the database"
    click.echo(f"{made}: {db.place_of(url)}", err=True)
    was, stands = (", ".join(sorted(each)) or "nothing" for each in (before, db.standing_of(url)))
    click.echo(f"the database is up to date: {was if was == stands else f'{was} → {stands}'}", err=True)


def _make_only(url: str) -> None:
    """Raises NotMigrated for a database of an earlier release."""
    from adjudicate import db

    db.make_if_new(url)
    engine = db.connect(url, create=False)
    try:
        db.require_migrated(engine)
    finally:
        engine.dispose()
