"""What the product rests on: locked with hashes, from no named index, under licences that bind nobody who uses it."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import ROOT

LOCKS = {"runtime": ROOT / "requirements" / "runtime.txt", "dev": ROOT / "requirements" / "dev.txt"}
REFUSED = re.compile(r"\b(AGPL|GPL|SSPL|BUSL|Affero|Business Source|Server Side Public|General Public)", re.IGNORECASE)
FREE = re.compile(r"\b(MIT|BSD|Apache|PSF|Python Software Foundation|ISC|MPL|Mozilla Public|0BSD|Zlib)", re.IGNORECASE)
# Used unmodified, as a library that the user may exchange: that is all the Lesser GPL asks.
LESSER = {"psycopg", "psycopg-binary"}


def locked(name: str) -> dict[str, tuple[Requirement, list[str]]]:
    """The lock's requirements by name, each with its hashes; any other line is an error."""
    entries = {}
    text = re.sub(r"\s*#.*", "", LOCKS[name].read_text()).replace("\\\n", " ")
    for line in filter(str.strip, text.splitlines()):
        stated, *hashes = re.split(r"\s--hash=", line.strip())
        requirement = Requirement(stated)
        entries[canonicalize_name(requirement.name)] = (requirement, [each.strip() for each in hashes])
    return entries


def declared(extra: str = "") -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    stated = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {canonicalize_name(Requirement(line).name) for line in stated}


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
    assert declared() | declared("build") <= set(runtime)
    assert declared("dev") <= set(dev)
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
