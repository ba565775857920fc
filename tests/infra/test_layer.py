"""The layer: built by pip without Docker, cached by its pins, equal on every machine."""

import hashlib
import os
import zipfile

import pytest

from infra.layer import REQUIREMENTS, ROOT, build_layer


@pytest.fixture
def package(tmp_path):
    """A wheel of one module, so that nothing is downloaded."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("tiny.py", "VALUE = 1\n")
        packed.writestr(
            "tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
        )
        packed.writestr(
            "tiny-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        packed.writestr("tiny-1.0.dist-info/RECORD", "")
    pins = tmp_path / "requirements.txt"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    pins.write_text(f"tiny @ {wheel.as_uri()} --hash=sha256:{digest}\n")
    return pins


def test_layer_when_built_twice_is_the_same_file_byte_by_byte(tmp_path, package):
    first = build_layer(package, tmp_path / "one")
    os.utime(package, (0, 0))
    second = build_layer(package, tmp_path / "two")
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()
    assert "python/tiny.py" in zipfile.ZipFile(first).namelist()


def test_layer_when_cached_is_not_built_again(tmp_path, package):
    built = build_layer(package, tmp_path / "cache")
    built.write_bytes(b"kept")
    assert build_layer(package, tmp_path / "cache").read_bytes() == b"kept"


def test_layer_when_pins_change_is_another(tmp_path, package):
    before = build_layer(package, tmp_path / "cache")
    package.write_text(package.read_text() + "# changed\n")
    assert build_layer(package, tmp_path / "cache") != before


@pytest.mark.parametrize("pinned", ["sha256:" + "0" * 64, None])
def test_layer_when_a_package_is_not_the_file_that_was_pinned_fails_and_caches_nothing(
    tmp_path, package, pinned
):
    named = package.read_text().partition(" --hash=")[0]
    package.write_text(f"{named} --hash={pinned}\n" if pinned else f"{named}\n")
    with pytest.raises(RuntimeError, match="hash"):
        build_layer(package, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_layer_when_a_requirement_is_unreadable_fails_and_caches_nothing(tmp_path):
    pins = tmp_path / "requirements.txt"
    pins.write_text("not a requirement\n")
    with pytest.raises(RuntimeError, match=r"cannot be built from requirements\.txt"):
        build_layer(pins, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_pins_when_compared_are_those_of_the_virtual_environment():
    pinned = _pins(REQUIREMENTS)
    assert pinned.items() <= _pins(ROOT / "requirements.txt").items()
    assert {"aws-lambda-powertools", "aws-xray-sdk", "boto3", "pydantic"} <= set(pinned)


def _pins(path):
    lines = [line.split("#")[0].rstrip(" \\") for line in path.read_text().splitlines()]
    return dict(line.split("==") for line in lines if "==" in line)
