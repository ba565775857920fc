"""`make dynamodb-local`: DynamoDB Local, fetched through Maven into the checkout and verified."""

from __future__ import annotations

import shutil
import subprocess
import sys

from local.dynamodb_local.library import FOLDER, HERE, Unusable, sums, verify
from local.places import CHECKOUT

_REPOSITORY = CHECKOUT / ".cache" / "maven"


def fetch() -> None:
    """Fetch what SHA256SUMS lists, unless it is here and intact; raises Unusable."""
    try:
        verify(FOLDER)
    except Unusable:
        _copy_dependencies()
        verify(FOLDER)


def _copy_dependencies() -> None:
    """Let Maven resolve the pom, keeping its own files inside the checkout too."""
    maven = shutil.which("mvn")
    if maven is None:
        raise Unusable("DynamoDB Local is fetched through Maven, and there is no `mvn` here")
    shutil.rmtree(FOLDER, ignore_errors=True)
    finished = subprocess.run(
        [
            maven,
            "--batch-mode",
            "--quiet",
            "--file",
            str(HERE / "pom.xml"),
            f"-Dmaven.repo.local={_REPOSITORY}",
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            f"-DoutputDirectory={FOLDER}",
        ],
        check=False,
    )
    if finished.returncode != 0:
        raise Unusable("Maven could not fetch DynamoDB Local; its messages are above")


def main() -> None:
    """Fetch, and say what is there."""
    try:
        fetch()
    except Unusable as error:
        sys.exit(str(error))
    sys.stdout.write(f"DynamoDB Local is in {FOLDER} ({len(sums())} files, checksums verified)\n")


if __name__ == "__main__":
    main()
