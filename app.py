"""The CDK app: `cdk deploy --all` provisions every declared migration."""

import os
import sys

from aws_cdk import App

from infra.application import add_stacks
from infra.layer import build_layer
from shared import catalogue
from shared.model.errors import CutoverError


def main() -> None:
    """Synthesise all stacks for the account and region of the caller's credentials."""
    app = App()
    try:
        add_stacks(
            app,
            migrations=[catalogue.load(name) for name in catalogue.names()],
            account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
            region=os.environ.get("CDK_DEFAULT_REGION"),
            endpoint=os.environ.get("AWS_ENDPOINT_URL"),
            layer=build_layer(),
        )
    except CutoverError as error:
        sys.exit(f"{error.message}\n{error.mend or ''}".strip())
    app.synth()


if __name__ == "__main__":
    main()
