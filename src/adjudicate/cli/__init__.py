"""The command line: its commands and where each is defined; a command's module is imported when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

import click

from adjudicate.cli.language import asked_for, spoken
from adjudicate.errors import AdjudicateError, CalendarInvalid, DefinitionError

FAILED = 2


class Lazy(click.Group):
    """A group that has the name and one line of help of each command, and imports a command only when it is called."""

    places: ClassVar[dict[str, tuple[str, str]]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order in which help lists them."""
        return [*self.places, *sorted(super().list_commands(ctx))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now."""
        place = self.places.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, name = place[0].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as click calls it
        """List the commands without importing any."""
        rows = [(name, line) for name, (_, line) in self.places.items()]
        rows += [(name, command.get_short_help_str()) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an expected error is printed in one line, without a traceback."""
        try:
            return super().invoke(ctx)
        except (DefinitionError, CalendarInvalid) as error:
            click.echo(error.en if spoken(ctx) == "en" else error.zh, err=True)
            ctx.exit(FAILED)
        except AdjudicateError as error:
            click.echo(error_in_language(ctx, error), err=True)
            # Who types a command types names, which its sentence leaves out.
            for name in getattr(error, "allowed", None) or ():
                click.echo(f"  {name}", err=True)
            ctx.exit(FAILED)


def error_in_language(context: click.Context, error: AdjudicateError) -> str:
    """What is wrong with the database in the language asked for, in both where none was; anything else in both."""
    asked = asked_for(context) if error.code == "unavailable" else None
    return {"en": error.en, "zh": error.zh}.get(asked or "", str(error))


class Main(Lazy):
    """`adjudicate` itself."""

    places: ClassVar[dict[str, tuple[str, str]]] = {
        "serve": ("adjudicate.cli.serve:serve", "Serve the API (on SQLite with a worker)."),
        "worker": ("adjudicate.cli.serve:worker", "Announce lapses and carry out the outbox."),
        "migrate": ("adjudicate.cli.migrating:migrate", "Bring the database to the newest shape."),
        "check": ("adjudicate.cli.law:check", "Prove the workflow definitions."),
        "render": ("adjudicate.cli.law:render", "Write or check the REVIEW.md of every procedure."),
        "show": ("adjudicate.cli.law:show", "Print a definition with all that it inherits."),
        "articles": ("adjudicate.cli.articles:articles", "Print what rests on an article of the law."),
        "due-date": ("adjudicate.due_date:due_date_command", "Work out when a period ends, with its account."),
        "calendar": ("adjudicate.cli.law:calendar", "Load a holiday notice."),
        "verify": ("adjudicate.cli.record:verify", "Check every chain and rebuild every state."),
        "rebuild": ("adjudicate.cli.record:rebuild", "Write the work lists anew from the cases."),
        "backup": ("adjudicate.cli.backup:backup", "Write database and documents to one file, while serving."),
        "restore": ("adjudicate.cli.backup:restore", "Restore such a file into an empty database."),
        "token": ("adjudicate.cli.people:token", "Issue, list and revoke tokens."),
        "office": ("adjudicate.cli.people:office", "Add and list offices."),
        "actor": ("adjudicate.cli.people:actor", "Add actors."),
        "demo": ("adjudicate.demo.command:demo", "Serve a demo office with invented cases."),
    }


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="adjudicate", message="%(version)s")
def main() -> None:
    """adjudicate: procedures of patent offices, with deadlines that can be accounted for.

    Settings are environment variables, described in docs/operating.md: ADJUDICATE_DATABASE_URL, ADJUDICATE_WORKFLOWS,
    ADJUDICATE_DOCUMENTS, ADJUDICATE_HOST, PORT, ADJUDICATE_SANDBOX, ADJUDICATE_CURSOR_SECRET,
    ADJUDICATE_WARN_WORKING_DAYS, ADJUDICATE_WORKER_INTERVAL_SECONDS, ADJUDICATE_LEASE_SECONDS,
    ADJUDICATE_CONNECT_SECONDS, ADJUDICATE_LOCK_SECONDS, ADJUDICATE_STATEMENT_SECONDS, ADJUDICATE_COMMAND_SECONDS,
    ADJUDICATE_OUTBOX_DAYS, ADJUDICATE_IDEMPOTENCY_DAYS, ADJUDICATE_LOG_LEVEL, ADJUDICATE_ACCESS_LOG,
    ADJUDICATE_TELEMETRY, ADJUDICATE_METRICS_FOLDER, ADJUDICATE_MAX_CONNECTIONS, ADJUDICATE_MAX_HEAD_BYTES,
    ADJUDICATE_MAX_HEAD_FIELDS, ADJUDICATE_HEAD_SECONDS, ADJUDICATE_BODY_SECONDS, ADJUDICATE_IDLE_SECONDS,
    ADJUDICATE_CRASH_AT.
    """
