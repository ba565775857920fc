"""Builds the layer of third-party packages for Lambda, without Docker.

Wheels are chosen for Lambda's platform by pip itself, and each is a file that its pin names. The
archive is cached under the hash of the pinned requirements and of the target, and written without
times, so that equal pins give an equal asset on every machine.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "functions" / "requirements.txt"
CACHE = ROOT / ".cache" / "layer"
PLATFORM = "manylinux2014_aarch64"
PYTHON = "3.13"
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16


def build_layer(requirements: Path = REQUIREMENTS, cache: Path = CACHE) -> Path:
    """Return the layer's archive for these pins, building it if it is not cached."""
    pins = requirements.read_bytes() + f"{PLATFORM} {PYTHON}".encode()
    archive = cache / f"{hashlib.sha256(pins).hexdigest()}.zip"
    if archive.exists():
        return archive
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        root = Path(folder) / "layer"
        _install(requirements, root / "python")
        unfinished = Path(folder) / "layer.zip"
        _pack(root, unfinished)
        unfinished.rename(archive)  # whole or not at all, also when two synths run at once
    return archive


def _install(requirements: Path, target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"]
    command += ["--platform", PLATFORM, "--python-version", PYTHON, "--only-binary=:all:"]
    command += ["--no-deps", "--require-hashes", "--target", str(target)]
    command += ["--requirement", str(requirements)]
    # the pins name every package and its files: what is not pinned, or is another file, is refused
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own pip, fixed arguments
    if done.returncode:
        raise RuntimeError(f"the layer cannot be built from {requirements.name}:\n{done.stderr}")
    shutil.rmtree(target / "bin", ignore_errors=True)  # command line tools, never run on Lambda


def _pack(root: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), _NO_TIME)
                entry.external_attr = _READABLE
                entry.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(entry, path.read_bytes())
