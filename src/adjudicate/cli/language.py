"""The language in which commands say what is wrong with files of the law; everything else they say in both."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

CHOICES = ("zh", "en")
_META = "adjudicate.language"
CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def of_locale(environment: Mapping[str, str]) -> str | None:
    """The language that the locale asks for, `zh` or `en`; None where it asks for neither."""
    named = next((value for key in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(key))), "")
    return next((language for language in CHOICES if named.lower().startswith(language)), None)


def _remember(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    del parameter
    if value is not None:
        context.meta[_META] = value


def spoken(context: click.Context) -> str:
    """The language asked for by `--lang`, else by the locale, else Chinese."""
    return asked_for(context) or "zh"


def asked_for(context: click.Context) -> str | None:
    """The language asked for by `--lang`, else by the locale; None where neither names one, as under `C`."""
    chosen: str | None = context.meta.get(_META) or of_locale(os.environ)
    return chosen


def language_option(command: CommandT) -> CommandT:
    """Gives a command that reads files of the law the option `--lang`."""
    return click.option(
        "--lang",
        type=click.Choice(CHOICES),
        callback=_remember,
        expose_value=False,
        help="The language in which faults are told; else that of the locale, else Chinese.",
    )(command)
