"""AWS's DynamoDB Local on this machine: where it lies, whether it may run, and that it is intact.

SHA256SUMS is the list of what makes it up; a file that is not on it is never loaded.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from local.places import CHECKOUT

FOLDER = CHECKOUT / ".cache" / "dynamodb-local"
HERE = Path(__file__).parent
OLDEST_JAVA = 17
_SUMS = HERE / "SHA256SUMS"


class Unusable(Exception):
    """DynamoDB Local cannot run here; the message says why and what to do."""


def sums() -> dict[str, str]:
    """Give the SHA-256 of each file by its name."""
    lines = (line.split() for line in _SUMS.read_text(encoding="ascii").splitlines())
    return {name: digest for digest, name in lines}


def verify(folder: Path = FOLDER) -> None:
    """Compare every file with its checksum; raises Unusable for the first that differs."""
    for name, expected in sums().items():
        file = folder / name
        if not file.is_file():
            raise Unusable(f"DynamoDB Local is not here ({name}); run `make dynamodb-local`")
        if hashlib.sha256(file.read_bytes()).hexdigest() != expected:
            raise Unusable(f"{file} is not what SHA256SUMS says; run `make dynamodb-local`")


def java() -> str:
    """Find a Java that runs DynamoDB Local; raises Unusable."""
    found = shutil.which("java")
    version = None
    if found is not None:
        answer = subprocess.run([found, "-version"], capture_output=True, text=True, check=False)
        version = re.search(r'version "(\d+)', answer.stderr)
    if found is None or version is None:
        raise Unusable(f"DynamoDB Local needs Java {OLDEST_JAVA}, and there is no Java here")
    if int(version[1]) < OLDEST_JAVA:
        raise Unusable(f"DynamoDB Local needs Java {OLDEST_JAVA}; {found} is Java {version[1]}")
    return found


def command(port: int, mark: str, folder: Path = FOLDER) -> list[str]:
    """Give the command line of a verified DynamoDB Local in memory; raises Unusable.

    `mark` shows up in the list of processes and tells whose it is.
    """
    java_program = java()
    verify(folder)
    jars = [str(folder / name) for name in sums() if name.endswith(".jar")]
    return [
        java_program,
        "-Xmx512m",
        # It runs for minutes, not months: the quick compiler halves the CPU time it takes.
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        f"-Dcutover.home={mark}",
        f"-Djava.library.path={folder}",
        "-classpath",
        ":".join(jars),
        "software.amazon.dynamodb.services.local.main.ServerRunner",
        "-inMemory",
        "-sharedDb",
        "-disableTelemetry",
        "-port",
        str(port),
    ]
