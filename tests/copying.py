"""A copy of the repository, in which folders can be made and commands typed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from infra.layer import ROOT

FOLDERS = ("shared", "functions", "infra", "cli", "local", "migrations", "tests")
FILES = ("app.py", "cdk.json", "pyproject.toml")
INSTALLED = (".cache", ".venv", "node_modules")
"""What `make setup` and a first deployment leave behind; it is shared and not copied."""


def copy_repository(folder: Path, without: Collection[str] = ()) -> None:
    """Copy the repository into a folder, but for these migrations and their own tests."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    for name in without:
        shutil.rmtree(folder / "migrations" / name)
        shutil.rmtree(folder / "tests" / "unit" / "migrations" / name, ignore_errors=True)
    (ROOT / ".cache").mkdir(exist_ok=True)
    for name in INSTALLED:
        (folder / name).symlink_to(ROOT / name)


def typed(folder: Path, line: str) -> str:
    """Return what a line of shell prints in a copy; fail with all of it if it fails."""
    own = {name: each for name, each in os.environ.items() if not name.startswith("AWS_")}
    installed = Path(sys.executable).parent
    own |= {"PATH": f"{installed}{os.pathsep}{own['PATH']}", "PYTHONPATH": str(folder)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=folder,
        env=own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"$ {line}\n{done.stdout}{done.stderr}"
    return done.stdout
