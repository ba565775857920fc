"""Synthesises the app for an environment, and reads what came out."""

import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.application import add_stacks
from infra.layer import ROOT
from shared import catalogue
from shared.model.declaration import Migration
from shared.model.environment import Environment

Template = dict[str, Any]
M = TypeVar("M", bound=Migration)


ENDPOINT = "http://localhost:4600"


def small_layer(folder: Path) -> Path:
    """Return a layer of one empty module: what is in the real one does not matter here."""
    archive = folder / "layer.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("python/empty.py", "")
    return archive


@dataclass(frozen=True)
class Assembly:
    """A synthesised app: its folder and its templates by stack."""

    folder: Path
    stacks: dict[str, Template]

    def resources(self, kind: str, stack: str = "") -> Iterator[tuple[str, Any]]:
        """Yield the id and properties of every resource of a type, in one stack or in all."""
        for name, template in self.stacks.items():
            if stack in name:
                for logical, resource in template["Resources"].items():
                    if resource["Type"] == kind:
                        yield logical, resource.get("Properties", {})

    def whole(self, kind: str, stack: str = "") -> list[Any]:
        """Return the resources of a type with their policies."""
        return [
            resource
            for name, template in self.stacks.items()
            if stack in name
            for resource in template["Resources"].values()
            if resource["Type"] == kind
        ]

    def outputs(self, stack: str) -> dict[str, Any]:
        """Return a stack's outputs."""
        return {name: each["Value"] for name, each in self.stacks[stack]["Outputs"].items()}

    def named(self, kind: str, attribute: str, stack: str = "") -> dict[str, Any]:
        """Return the resources of a type by their explicit names."""
        return {each[attribute]: each for _, each in self.resources(kind, stack)}


def synthesise(folder: Path, migrations: Sequence[Migration], environment: Environment) -> Assembly:
    """Return the app for these migrations in an environment, checked by cdk-nag.

    A finding that nobody acknowledged makes the synthesis raise. The layer is a small one.
    """
    app = App(outdir=str(folder / "out"), context=context())
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(catalogue, "digest", digest)
        add_stacks(
            app,
            migrations=migrations,
            account=environment.account,
            region=environment.region,
            endpoint=ENDPOINT,
            layer=small_layer(folder),
        )
    directory = Path(app.synth().directory)
    return Assembly(directory, _templates(directory))


def digest(name: str, real: Callable[[str], str] = catalogue.digest) -> str:
    """Return the digest of a migration's code, or one of no code for a migration of the tests."""
    return real(name) if name in catalogue.names() else "0" * 64


def context() -> dict[str, Any]:
    """Return the context that the CDK CLI passes on from cdk.json."""
    found: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return found


def placed(migration: M, **changes: Any) -> tuple[M, Environment]:
    """Return a migration whose only environment is its first one with changes."""
    environment = replace(migration.environments[0], **changes)
    return replace(migration, environments=(environment,)), environment


def _templates(folder: Path) -> dict[str, Template]:
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text())
        for path in folder.glob("*.template.json")
    }


def statements(role_or_policy: Any) -> list[Any]:
    """Return a policy's statements with actions and resources as lists."""
    return [
        {**each, "Action": _listed(each["Action"]), "Resource": _listed(each["Resource"])}
        for each in role_or_policy["PolicyDocument"]["Statement"]
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
