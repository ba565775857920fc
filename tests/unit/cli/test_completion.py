"""Completion by the shell: installed by the command itself, and what it offers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CUTOVER = Path(sys.executable).with_name("cutover")


def offered(line: str) -> list[str]:
    """Return what bash would offer at the end of a line."""
    words = line.split(" ")
    asked = {
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "_CUTOVER_COMPLETE": "complete_bash",
    }
    done = subprocess.run(
        [CUTOVER], env=os.environ | asked, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("cutover sta", ["start", "status"]),
        ("cutover local d", ["deploy", "down"]),
        ("cutover status per", ["personnel"]),
        ("cutover rollback personnel --to READ", ["READ_N", "READ_V2"]),
        ("cutover rollback personnel --to read", ["read_n", "read_v2"]),
        ("cutover approve personnel WR", ["WRITE_V2_ONLY"]),
        ("cutover doctor personnel --me", ["--mend"]),
        ("cutover new orders --kind ", ["table-to-table", "in-place"]),
    ],
)
def test_completion_when_asked_expects_verbs_migrations_phases_and_options(
    line: str, words: list[str]
) -> None:
    assert offered(line) == words


def test_completion_when_installed_expects_it_in_the_shell_s_own_files(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"{CUTOVER}" --install-completion; exit $?'],
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "bash completion installed" in done.stdout
    script = tmp_path / ".bash_completions" / "cutover.sh"
    assert str(script) in (tmp_path / ".bashrc").read_text()
    ask = 'COMP_WORDS=(cutover thr); COMP_CWORD=1; _cutover_completion "$0"; echo "${COMPREPLY[@]}"'
    told = subprocess.run(
        ["bash", "-c", f'source "{script}"; {ask}', str(CUTOVER)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "throttle"
