"""Functions: one asset, one layer, limits, logs, and the settings that they read."""

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.layer import ROOT
from shared.aws.deployed_code import WITNESSES
from shared.settings import function_name, read_settings

FUNCTION = "AWS::Lambda::Function"


def functions(assembly):
    return assembly.named(FUNCTION, "FunctionName")


def test_functions_when_synthesised_share_one_asset_and_one_layer(local):
    codes = {json.dumps(each["Code"]) for each in functions(local).values()}
    layers = {
        json.dumps(each["Content"]) for _, each in local.resources("AWS::Lambda::LayerVersion")
    }
    assert len(codes) == len(layers) == 1
    assert all(len(each["Layers"]) == 1 for each in functions(local).values())


def test_asset_when_staged_holds_deployed_code_only(local):
    [asset] = [each for each in local.folder.glob("asset.*") if each.is_dir()]
    files = [each.relative_to(asset) for each in asset.rglob("*") if each.is_file()]
    assert {each.parts[0] for each in files} == {"functions", "migrations", "shared"}
    assert {each.suffix for each in files} == {".py"}
    assert Path("functions/start_run/handler.py") in files
    assert not [each for each in files if "__pycache__" in each.parts]


def test_functions_when_synthesised_are_found_in_their_folder(local):
    for name, function in functions(local).items():
        package, file, entry = function["Handler"].rsplit(".", 2)
        path = ROOT.joinpath(*package.split("."), f"{file}.py")
        folder = name.removeprefix("cutover-personnel-").replace("-", "_")
        assert package == f"functions.{folder}"
        tree = ast.parse(path.read_text())
        assert entry in {getattr(each, "name", None) for each in tree.body}


def test_handlers_when_in_a_folder_are_all_deployed_for_one_kind_or_another(following, in_place):
    folders = {each.parent.name for each in ROOT.glob("functions/*/handler.py")}
    names = [*functions(following), *functions(in_place)]
    deployed = {name.split("-", 2)[2] for name in names}
    assert {each.replace("_", "-") for each in folders} == deployed


def test_functions_when_synthesised_run_python_on_arm_traced_and_logged(local):
    groups = local.named("AWS::Logs::LogGroup", "LogGroupName")
    for name, function in functions(local).items():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        assert groups[f"/aws/lambda/{name}"]["RetentionInDays"] == 90


def test_settings_when_deployed_are_what_the_functions_read(local):
    for name, function in functions(local).items():
        variables = function["Environment"]["Variables"]
        secret = variables.get("CUTOVER_CURSOR_SECRET")
        readable = {
            key: "arn" if isinstance(value, dict) else value for key, value in variables.items()
        }
        settings = read_settings(readable)
        assert settings.migration == "personnel"
        assert (settings.account, settings.region) == ("123456789012", "us-east-1")
        assert (secret is not None) == (name == "cutover-personnel-serve-records")


def test_functions_when_deployed_say_the_digest_of_the_code_in_their_asset(local):
    [asset] = [each for each in local.folder.glob("asset.*") if each.is_dir()]
    ask = "from shared import catalogue; print(catalogue.digest('personnel'))"
    told = subprocess.run(  # there, `shared` and `migrations` are the asset's
        [sys.executable, "-c", ask], cwd=asset, capture_output=True, text=True, check=True
    )
    said = {
        each["Environment"]["Variables"]["CUTOVER_DIGEST"] for each in functions(local).values()
    }
    assert said == {told.stdout.strip()}


def test_witnesses_of_the_code_when_deployed_are_of_each_stack_that_has_functions(local):
    stacks = {name for name in local.stacks if any(local.resources(FUNCTION, name))}
    found = {
        name
        for name in stacks
        for _, each in local.resources(FUNCTION, name)
        if each["FunctionName"] in {function_name("personnel", witness) for witness in WITNESSES}
    }
    assert found == stacks
    assert len(found) == len(WITNESSES)


@pytest.mark.parametrize("worker", ["backfill", "dry-run", "validate"])
def test_workers_when_synthesised_have_reserved_concurrency_and_the_longest_time(
    production, worker
):
    function = functions(production)[f"cutover-personnel-{worker}-segment"]
    assert function["ReservedConcurrentExecutions"] == 7
    assert function["Timeout"] == 900
    assert function["MemorySize"] == 1769


@pytest.mark.parametrize(("name", "reserved"), [("watch-writes", 4), ("compare-reads", 2)])
def test_watches_when_synthesised_reserve_little(production, name, reserved):
    function = functions(production)[f"cutover-personnel-{name}"]
    assert function["ReservedConcurrentExecutions"] == reserved


def test_other_functions_when_synthesised_reserve_nothing(production):
    reserving = {
        name
        for name, each in functions(production).items()
        if "ReservedConcurrentExecutions" in each
    }
    workers = {f"cutover-personnel-{each}-segment" for each in ("backfill", "dry-run", "validate")}
    watches = {f"cutover-personnel-{each}" for each in ("watch-writes", "compare-reads")}
    assert reserving == workers | watches


def test_api_function_when_synthesised_answers_before_the_api_gives_up(production):
    assert functions(production)["cutover-personnel-serve-records"]["Timeout"] == 29


def test_layer_archive_when_staged_is_the_one_given(local):
    [archive] = local.folder.glob("asset.*.zip")
    assert zipfile.ZipFile(archive).namelist() == ["python/empty.py"]
