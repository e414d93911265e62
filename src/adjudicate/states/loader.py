"""Loading one folder or a few files of the law from the command line, to see every fault; `catalogue` does the work."""

from __future__ import annotations

import sys
from pathlib import Path

from adjudicate.errors import DefinitionError
from adjudicate.states import yamlfile
from adjudicate.states.catalogue import load
from adjudicate.states.definition import Workflow


def read_workflow(path: Path) -> Workflow:
    """Read one workflow file by itself. Raises DefinitionError; names are not resolved."""
    return yamlfile.model(yamlfile.read(path.read_text(encoding="utf-8"), str(path)), Workflow)


def main(arguments: list[str]) -> int:
    """Print the faults of each file (shape only) or folder (everything) named; 1 if there was any."""
    failed = 0
    for argument in arguments:
        path = Path(argument)
        try:
            _ = load(path) if path.is_dir() else read_workflow(path)
        except DefinitionError as error:
            failed = 1
            sys.stdout.write("\n".join(str(fault) for fault in error.faults) + "\n")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
