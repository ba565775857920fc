"""What every function runs: the one code asset, and the layer of third-party packages."""

from pathlib import Path

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.layer import ROOT

RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64

_EXCLUDED = [
    "/*",
    "!/functions",
    "!/migrations",
    "!/shared",
    "/functions/requirements*",
    "__pycache__",
    "*.md",
    "*.jsonl",
]
"""An allow-list in git's terms: all but three folders is left out, then parts of those."""


class RuntimeCode(Construct):
    """The code, rooted at the repository so that import paths are the same everywhere."""

    def __init__(self, scope: Construct, name: str, *, layer: Path) -> None:
        super().__init__(scope, name)
        self.code = lambda_.Code.from_asset(
            str(ROOT), exclude=_EXCLUDED, ignore_mode=IgnoreMode.GIT
        )
        self.layer = lambda_.LayerVersion(
            self,
            "Packages",
            code=lambda_.Code.from_asset(str(layer)),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
            description="The pinned third-party packages of functions/requirements.txt",
        )
