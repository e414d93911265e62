"""The commands on offices, actors and tokens; a token is printed once, when it is issued, and stored as a hash only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from adjudicate.access.tokens import MOST_DAYS, USUAL_DAYS
from adjudicate.cli.language import language_option
from adjudicate.cli.running import settings_now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from adjudicate.definition.offices import Offices


@contextmanager
def database() -> Iterator[Engine]:
    """The database that the settings name. Raises NotMigrated, SandboxMismatch."""
    from adjudicate import db
    from adjudicate.cases.sandbox import guard_sandbox

    settings = settings_now()
    engine = db.connect(settings.database_url, create=False)
    try:
        db.require_migrated(engine)
        guard_sandbox(engine, settings)
        yield engine
    finally:
        engine.dispose()


def rules() -> Offices:
    """The kinds of offices and the permissions of the law in the settings' folder. Raises DefinitionError."""
    from adjudicate.definition.catalogue import read_texts
    from adjudicate.definition.offices import read_offices
    from adjudicate.definition.registers import read_registers

    texts = read_texts(settings_now().workflows)
    return read_offices(texts, read_registers(texts).roles)


def change(work: Any, **more: Any) -> Any:
    """Carry out `work(tx, by=…, at=…)`, an administrative change by the command line, in one transaction."""
    from adjudicate import db
    from adjudicate.access.administration import COMMAND_LINE, begin

    with database() as engine:
        return db.run(engine, lambda tx: work(tx, by=COMMAND_LINE, at=begin(tx), **more))


@click.group()
def token() -> None:
    """Bearer tokens."""


@token.command()
@click.argument("actor")
@click.option("--label", default="", help="What it is for, such as the client's name.")
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=USUAL_DAYS,
    show_default=True,
    help="For how many days it holds.",
)
@click.option("--without-end", is_flag=True, help="It holds until it is revoked or the person leaves.")
@language_option
def issue(*, actor: str, label: str, days: int, without_end: bool) -> None:
    """Issue a token for ACTOR and print it, this once."""
    from adjudicate.access import tokens

    ends = None if without_end else days
    token_id, given = change(tokens.issue_token, actor=actor, label=label, days=ends)
    click.echo(given)
    click.echo(f"id {token_id}", err=True)


@token.command(name="list")
@click.argument("actor", required=False)
@language_option
def list_tokens(*, actor: str | None) -> None:
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
    from adjudicate.access import tokens

    def work(tx: Any, **who: Any) -> bool:
        return tokens.revoke_token(tx, token_id, **who)

    if not change(work):
        click.echo("no such token, or revoked before", err=True)
        context.exit(1)


@click.group()
def office() -> None:
    """Offices: a tree of national, provincial and city offices, and outside bodies."""


@office.command(name="add")
@click.argument("code")
@click.option("--region", required=True, help="GB/T 2260 code.")
@click.option("--name-zh", required=True)
@click.option("--name-en", required=True)
@click.option("--docket-name", required=True, help="What its docket numbers begin with.")
@click.option("--level", required=True, help="national, provincial or city.")
@click.option("--under", help="The code of the office above it.")
@click.option("--kind", help="As offices.yaml has it; without it the first kind of an office inside.")
@language_option
def add_office(**given: Any) -> None:
    """Add the office CODE."""
    from adjudicate.access import offices

    draft = offices.OfficeDraft(parent=given.pop("under"), **given)
    change(offices.add_office, draft=draft, rules=rules())


@office.command(name="close")
@click.argument("code")
@click.option("--reason", help="Why, for the record.")
@language_option
def close_office(*, code: str, reason: str | None) -> None:
    """Close the office CODE, whose people have moved or left."""
    from adjudicate.access import offices

    change(offices.close_office, code=code, reason=reason)


@office.command(name="list")
@language_option
def list_offices() -> None:
    """List the offices, each below the one above it."""
    from adjudicate import db
    from adjudicate.access import queries

    with database() as engine, db.reading(engine) as tx:
        for row in queries.all_offices(tx):
            depth = row["path"].count("/") - 1
            closed = f", closed {row['closed_at']:%Y-%m-%d}" if row["closed_at"] else ""
            click.echo(f"{'  ' * depth}{row['code']} {row['name_zh']} ({row['level']}, {row['region']}{closed})")


@click.group()
def actor() -> None:
    """Actors: people and systems that act for an office."""


@actor.command(name="add")
@click.argument("actor_id")
@click.option("--name", required=True)
@click.option("--office", "at_office", required=True, help="The office's code.")
@click.option("--role", "roles", multiple=True, required=True, help="As roles.yaml has it; repeatable.")
@language_option
def add_actor(*, actor_id: str, name: str, at_office: str, roles: tuple[str, ...]) -> None:
    """Add the actor ACTOR_ID with its roles."""
    from adjudicate.access import people

    change(people.add_person, actor=actor_id, name=name, office=at_office, roles=roles, rules=rules())


@actor.command(name="move")
@click.argument("actor_id")
@click.option("--office", "at_office", required=True, help="The office's code; the same one to change roles only.")
@click.option("--role", "roles", multiple=True, required=True, help="Every role from now on; repeatable.")
@language_option
def move_actor(*, actor_id: str, at_office: str, roles: tuple[str, ...]) -> None:
    """Let ACTOR_ID work at another office, or with other roles, from now on."""
    from adjudicate.access import people

    change(people.move_person, actor=actor_id, office=at_office, roles=roles, rules=rules())


@actor.command(name="leave")
@click.argument("actor_id")
@click.option("--reason", help="Why, for the record.")
@language_option
def leave(*, actor_id: str, reason: str | None) -> None:
    """Let ACTOR_ID leave: every role and every token ends at once; what was recorded stays."""
    from adjudicate.access import people

    change(people.leave, actor=actor_id, reason=reason)


@actor.command(name="list")
@click.option("--office", "at_office", default="", help="Only the people of this office and of those below it.")
@language_option
def list_actors(*, at_office: str) -> None:
    """List people with the roles that they hold now."""
    from adjudicate import clock, db
    from adjudicate.access import queries

    with database() as engine, db.reading(engine) as tx:
        place = queries.office(tx, at_office) if at_office else None
        for row in queries.people_under(tx, place["path"] if place else ""):
            held = queries.appointments_in_force(tx, row["id"], at=clock.now())
            roles = ", ".join(f"{one['role']} ({one['office']})" for one in held)
            click.echo(f"{row['id']} {row['name']}: {'left' if row['disabled_at'] else roles or 'no role'}")
