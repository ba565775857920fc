"""The app as it is where v1 was there before: its environment says `adopted`, and nothing else."""

import os
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from aws_cdk import App

from infra.application import add_stacks
from infra.layer import build_layer
from migrations.personnel.migration import MIGRATION
from shared.model.environment import LOCAL

app = App()
add_stacks(
    app,
    migrations=[replace(MIGRATION, environments=(replace(LOCAL, source="adopted"),))],
    account=os.environ["CDK_DEFAULT_ACCOUNT"],
    region=os.environ["CDK_DEFAULT_REGION"],
    endpoint=os.environ["AWS_ENDPOINT_URL"],
    layer=build_layer(),
)
app.synth()
