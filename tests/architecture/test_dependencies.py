"""What the product rests on: locked with hashes, from no named index, under licences that bind nobody who uses it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.sources import ROOT, product

LOCKS = {"runtime": ROOT / "requirements" / "runtime.txt", "dev": ROOT / "requirements" / "dev.txt"}
REFUSED = re.compile(r"\b(AGPL|GPL|SSPL|BUSL|Affero|Business Source|Server Side Public|General Public)", re.IGNORECASE)
FREE = re.compile(r"\b(MIT|BSD|Apache|PSF|Python Software Foundation|ISC|MPL|Mozilla Public|0BSD|Zlib)", re.IGNORECASE)
# Used unmodified, as a library that the user may exchange: that is all the Lesser GPL asks.
LESSER = {"psycopg", "psycopg-binary"}

# What a library keeps to itself or does not describe, and we use all the same: the next minor version may change it.
INTERNALS = {
    "fastapi": ("fastapi.dependencies.models", "APIRoute.dependant"),
    "psycopg": ("psycopg.generators", "psycopg.pq.abc", "Transformer.load_rows"),
    "sqlalchemy": ("_bind_processors", "_result_columns", "_cached_result_processor", "positiontup"),
    "transitions": ("Condition.check", "Transition.execute", "Event.trigger"),
    "uvicorn": ("Server.startup", "uvicorn.protocols.http.httptools_impl", "RequestResponseCycle.send", "FlowControl"),
}
# The modules that the other libraries' documentation tells a reader to import from.
DESCRIBED = {
    *("anyio.lowlevel", "prometheus_client.registry"),
    *(
        "opentelemetry.exporter.otlp.proto.http.trace_exporter",
        "opentelemetry.sdk.resources",
        "opentelemetry.sdk.trace",
    ),
    *("opentelemetry.sdk.trace.export", "opentelemetry.trace", "opentelemetry.trace.propagation.tracecontext"),
    *("alembic.config", "alembic.migration", "alembic.script", "prometheus_client.multiprocess"),
    *("pydantic.fields", "pydantic.json_schema", "yaml.nodes"),
    *("starlette.exceptions", "starlette.middleware", "starlette.requests", "starlette.responses", "starlette.types"),
    *("structlog.contextvars", "structlog.stdlib", "structlog.typing", "werkzeug.datastructures", "werkzeug.http"),
}


def locked(name: str) -> dict[str, tuple[Requirement, list[str]]]:
    """The lock's requirements by name, each with its hashes; any other line is an error."""
    entries = {}
    text = re.sub(r"\s*#.*", "", LOCKS[name].read_text()).replace("\\\n", " ")
    for line in filter(str.strip, text.splitlines()):
        stated, *hashes = re.split(r"\s--hash=", line.strip())
        requirement = Requirement(stated)
        entries[canonicalize_name(requirement.name)] = (requirement, [each.strip() for each in hashes])
    return entries


def version_in(lock: dict[str, tuple[Requirement, list[str]]], name: str) -> Version:
    """The version that a lock pins; a package that is missing from it is an error."""
    return Version(str(lock[canonicalize_name(name)][0].specifier).removeprefix("=="))


def declared(extra: str = "") -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    stated = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {canonicalize_name(found.name): found for found in map(Requirement, stated)}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_by_version_and_hash(name: str) -> None:
    for requirement, hashes in locked(name).values():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index_and_no_folder(name: str) -> None:
    assert re.findall(r"://|--(?!hash=sha256:)\S+|^-\w|file:", LOCKS[name].read_text(), re.MULTILINE) == []


def test_the_locks_hold_what_the_project_declares_and_agree() -> None:
    runtime, dev = locked("runtime"), locked("dev")
    for lock, stated in ((runtime, declared() | declared("build")), (dev, declared("dev"))):
        assert [each for name, each in stated.items() if version_in(lock, name) not in each.specifier] == []
    assert {name: str(entry[0]) for name, entry in runtime.items()}.items() <= {
        name: str(entry[0]) for name, entry in dev.items()
    }.items()


def licence(name: str) -> str:
    """What the package says of itself: its licence expression, or its classifiers, or the first line of its licence."""
    described = metadata.metadata(name)
    classifiers = [line for line in described.get_all("Classifier") or [] if line.startswith("License ::")]
    return (
        described.get("License-Expression") or " ".join(classifiers) or (described.get("License") or "").split("\n")[0]
    )


RUNTIME = [name for name, (entry, _) in locked("runtime").items() if not entry.marker or entry.marker.evaluate()]


@pytest.mark.parametrize("name", RUNTIME)
def test_a_runtime_dependency_is_free_for_every_user(name: str) -> None:
    stated = licence(name)
    if name in LESSER:
        assert "LGPL" in stated or "Lesser" in stated
    else:
        assert FREE.search(stated), f"{name}: {stated!r}"
        assert not REFUSED.search(stated), f"{name}: {stated!r}"


def test_the_installed_packages_are_the_locked_ones() -> None:
    assert {name: metadata.version(name) for name in RUNTIME} == {
        name: str(locked("runtime")[name][0].specifier).removeprefix("==") for name in RUNTIME
    }


@pytest.mark.parametrize("name", INTERNALS)
def test_a_library_whose_internals_we_use_is_held_below_its_next_minor_version(name: str) -> None:
    here = version_in(locked("runtime"), name)
    next_minor = Version(f"{here.major}.{here.minor + 1}")
    stated = declared()[name].specifier
    assert stated.contains(here)
    assert not stated.contains(next_minor, prereleases=True), f"{name} is not held below {next_minor}"


def test_every_private_name_that_we_use_is_one_of_a_library_that_is_held() -> None:
    """Ruff refuses a private name that is not marked; here the marked ones are looked up."""
    used = set()
    for source in product():
        marked = {number for number, line in enumerate(source.text.splitlines(), 1) if "SLF001" in line}
        used |= {
            node.attr
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Attribute)
            and node.lineno in marked
            and re.match(r"_(?!_)", node.attr)
            and ast.unparse(node.value) != "self"
        }
    known = {name for names in INTERNALS.values() for name in names if name.startswith("_")}
    assert used == known


def test_every_module_that_we_import_is_described_or_of_a_library_that_is_held() -> None:
    imported = {
        f"{module}.{name}" if module in INTERNALS else module
        for source in product()
        for _, module, name in source.imports()
        if module.split(".")[0] not in sys.stdlib_module_names | {"adjudicate"}
    }
    assert "psycopg.generators" in imported
    private = [each for each in imported if any(part.startswith("_") for part in each.split("."))]
    assert [each for each in private if each.split(".")[0] not in INTERNALS] == []
    deep = {each for each in imported if "." in each and each.split(".")[0] not in INTERNALS}
    assert deep - DESCRIBED == set()
