"""What makes up DynamoDB Local is on this machine and intact, or the reason is told."""

import os
import shutil
from pathlib import Path

import pytest

from local import lifecycle
from local.dynamodb_local import fetch, library
from local.places import CHECKOUT, Places
from tests.dynamodb_local import require_dynamodb_local
from tests.local.conftest import free_port

JAR = "DynamoDBLocal-3.1.0.jar"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a file under every name, each with a content of its own."""
    for name in library.sums():
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.fixture
def no_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))


def program(folder: Path, name: str, text: str) -> None:
    """Write a shell script that stands in for a program."""
    script = folder / name
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)


def test_verify_when_a_file_is_missing_names_it_and_the_way_to_get_it(folder: Path) -> None:
    (folder / JAR).unlink()
    (folder / "annotations-2.33.0.jar").unlink()
    with pytest.raises(library.Unusable, match=rf"{JAR}.*make dynamodb-local"):
        library.verify(folder)


def test_verify_when_a_file_is_another_one_names_it(folder: Path) -> None:
    with pytest.raises(library.Unusable, match=rf"{JAR} is not what SHA256SUMS says"):
        library.verify(folder)


def test_verify_when_all_was_fetched_is_content() -> None:
    require_dynamodb_local()
    library.verify()


def test_command_loads_nothing_that_has_no_checksum(tmp_path: Path) -> None:
    require_dynamodb_local()
    copy = shutil.copytree(library.FOLDER, tmp_path / "copy", copy_function=os.link)
    (copy / "stranger.jar").touch()
    command = library.command(8000, "mark", copy)
    path = command[command.index("-classpath") + 1].split(":")
    assert {Path(each).name for each in path} == {n for n in library.sums() if n.endswith(".jar")}
    assert "-disableTelemetry" in command


@pytest.mark.usefixtures("no_programs")
def test_java_when_there_is_none_says_so() -> None:
    with pytest.raises(library.Unusable, match="there is no Java here"):
        library.java()


def test_java_when_it_is_too_old_says_which_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "java", """echo 'openjdk version "11.0.2"' >&2""")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(library.Unusable, match=r"needs Java 17; .* is Java 11"):
        library.java()


@pytest.mark.usefixtures("no_programs")
def test_up_when_it_cannot_run_says_why_and_starts_nothing(tmp_path: Path) -> None:
    places = Places(tmp_path / "home")
    with pytest.raises(lifecycle.LocalCloudError, match="there is no Java here"):
        lifecycle.up(free_port(), detach=True, dynamodb="local", places=places)
    assert not lifecycle.status(places).running


@pytest.mark.usefixtures("no_programs")
def test_fetch_when_maven_is_missing_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "FOLDER", tmp_path / "empty")
    with pytest.raises(library.Unusable, match="no `mvn` here"):
        fetch.fetch()


def test_fetch_when_maven_fails_says_so_and_leaves_nothing_half_done(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path_factory.mktemp("programs")
    program(programs, "mvn", "exit 1")
    monkeypatch.setenv("PATH", f"{programs}:/bin")
    monkeypatch.setattr(fetch, "FOLDER", folder)
    with pytest.raises(library.Unusable, match="Maven could not fetch"):
        fetch.fetch()
    assert not folder.exists()


@pytest.mark.usefixtures("no_programs")
def test_tests_when_there_is_no_java_are_skipped_with_the_reason_and_fail_in_ci(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="there is no Java here"):
        require_dynamodb_local()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"CI runs all three engines.*no Java here"):
        require_dynamodb_local()


def test_tests_when_the_engine_cannot_run_are_skipped_and_fail_in_ci(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "java", """echo 'openjdk version "11.0.2"' >&2""")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI runs all three engines"):
        require_dynamodb_local()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception):
        require_dynamodb_local()


def test_ci_when_it_runs_the_tests_says_that_it_is_ci() -> None:
    assert "export CI=true\n" in (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8")
