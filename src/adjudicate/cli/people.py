"""The commands on offices, actors and tokens; a token is printed once, when it is issued, and stored as a hash only."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from adjudicate.cli.language import language_option
from adjudicate.cli.running import settings_now
from adjudicate.definition.values import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine


def _kept_in(table: str, column: str) -> Callable[[click.Context, click.Parameter, str], str]:
    """A check that a text fits into a column: PostgreSQL refuses a longer one, and SQLite keeps it."""

    def check(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
        from adjudicate.access import models

        longest = int(getattr(models, table).c[column].type.length)
        if len(text) > longest:
            raise click.BadParameter(
                f"不得超过 {longest} 个字符，现有 {len(text)} 个 / at most {longest} characters, not {len(text)}"
            )
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise click.BadParameter("不是有效的 UTF-8 文字 / this is not UTF-8 text")
        return text

    return check


@contextmanager
def database() -> Iterator[Engine]:
    """The database that the settings name. Raises NotMigrated, SandboxMismatch."""
    from adjudicate import db
    from adjudicate.cases.sandbox import guard_sandbox

    settings = settings_now()
    engine = db.connect(settings.database_url)
    try:
        db.require_migrated(engine)
        guard_sandbox(engine, settings)
        yield engine
    finally:
        engine.dispose()


@click.group()
def token() -> None:
    """Bearer tokens."""


@token.command()
@click.argument("actor")
@click.option(
    "--label", default="", callback=_kept_in("tokens", "label"), help="What it is for, such as the client's name."
)
@click.option("--days", type=click.IntRange(1, 3660), help="For how many days it holds; without an end if left out.")
def issue(actor: str, label: str, days: int | None) -> None:
    """Issue a token for ACTOR and print it, this once."""
    from adjudicate import clock, db
    from adjudicate.access import identity

    at = clock.now()
    ends = None if days is None else at + timedelta(days=days)
    with database() as engine:
        token_id, given = db.run(
            engine, lambda tx: identity.issue_token(tx, actor=actor, label=label, at=at, expires_at=ends)
        )
    click.echo(given)
    click.echo(f"id {token_id}", err=True)


@token.command(name="list")
@click.argument("actor", required=False)
def list_tokens(actor: str | None) -> None:
    """List the tokens of ACTOR, or all; never the tokens themselves."""
    from adjudicate import db
    from adjudicate.access import queries

    with database() as engine, db.reading(engine) as tx:
        for row in queries.tokens_of(tx, actor):
            state = "revoked" if row["revoked_at"] else f"until {row['expires_at'] or 'revoked'}"
            click.echo(f"{row['id']} {row['actor']} {row['issued_at']:%Y-%m-%dT%H:%M:%SZ} {state} {row['label']}")


@token.command()
@click.argument("token_id")
@click.pass_context
def revoke(context: click.Context, token_id: str) -> None:
    """Revoke the token with this id, at once."""
    from adjudicate import clock, db
    from adjudicate.access import queries

    with database() as engine:
        revoked = db.run(engine, lambda tx: queries.revoke_token(tx, token_id, clock.now()))
    if not revoked:
        click.echo("no such token, or revoked before", err=True)
        context.exit(1)


@click.group()
def office() -> None:
    """Offices: a tree of national, provincial and city offices."""


@office.command(name="add")
@click.argument("code")
@click.option("--region", required=True, help="GB/T 2260 code.")
@click.option("--name-zh", required=True, callback=_kept_in("offices", "name_zh"))
@click.option("--name-en", required=True, callback=_kept_in("offices", "name_en"))
@click.option(
    "--docket-name",
    required=True,
    callback=_kept_in("offices", "docket_name"),
    help="What its docket numbers begin with.",
)
@click.option("--level", required=True, type=click.Choice(LEVELS))
@click.option("--under", help="The code of the office above it.")
def add_office(
    *, code: str, region: str, name_zh: str, name_en: str, docket_name: str, level: str, under: str | None
) -> None:
    """Add the office CODE."""
    from adjudicate import db
    from adjudicate.access import identity

    draft = identity.OfficeDraft(
        code=code,
        region=region,
        name_zh=name_zh,
        name_en=name_en,
        docket_name=docket_name,
        level=level,
        parent=under,
    )
    with database() as engine:
        db.run(engine, lambda tx: identity.add_office(tx, draft))


@office.command(name="list")
def list_offices() -> None:
    """List the offices, each below the one above it."""
    from adjudicate import db
    from adjudicate.access import queries

    with database() as engine, db.reading(engine) as tx:
        for row in queries.all_offices(tx):
            depth = row["path"].count("/") - 1
            click.echo(f"{'  ' * depth}{row['code']} {row['name_zh']} ({row['level']}, {row['region']})")


@click.group()
def actor() -> None:
    """Actors: people and systems that act for an office."""


@actor.command(name="add")
@click.argument("actor_id")
@click.option("--name", required=True, callback=_kept_in("actors", "name"))
@click.option("--office", "at_office", required=True, help="The office's code.")
@click.option("--role", "roles", multiple=True, required=True, help="As roles.yaml has it; repeatable.")
@language_option
def add_actor(*, actor_id: str, name: str, at_office: str, roles: tuple[str, ...]) -> None:
    """Add the actor ACTOR_ID with its roles."""
    from adjudicate import clock, db
    from adjudicate.access import identity
    from adjudicate.definition.catalogue import read_texts
    from adjudicate.definition.registers import read_registers

    registered = read_registers(read_texts(settings_now().workflows)).roles
    known = [name for name, role in registered.items() if role.kind != "automatic"]
    automatic = [role for role in roles if role in registered and role not in known]
    unknown = [role for role in roles if role not in registered]
    if automatic:
        names = ", ".join(automatic)
        raise click.UsageError(f"自动事项的角色不能授予人员：{names} / nobody can have the role of a machine: {names}")
    if unknown:
        raise click.UsageError(
            f"没有角色：{'、'.join(unknown)}；可用的有：{'、'.join(known)} / "
            f"no such role: {', '.join(unknown)}; known: {', '.join(known)}"
        )
    at = clock.now()
    with database() as engine:
        db.run(
            engine,
            lambda tx: identity.add_actor(tx, actor=actor_id, name=name, office=at_office, roles=list(roles), at=at),
        )
