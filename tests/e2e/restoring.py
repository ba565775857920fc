"""Puts the cloud back to how it was deployed, through boto3, between one module and the next."""

import time
from typing import Any

from botocore.exceptions import ClientError

from shared.model.environment import LOCAL
from tests.e2e.cloud import Cloud, eventually

BUILT = ("KeySchema", "AttributeDefinitions", "StreamSpecification")
INDEX = ("IndexName", "KeySchema", "Projection")


def reset(cloud: Cloud) -> None:
    """Empty all tables, so that every migration is as never begun, and let instances see it."""
    for arn in _running(cloud):
        cloud.client("stepfunctions").stop_execution(executionArn=arn)
    _open(cloud, cloud.v1)
    for table in cloud.tables:
        cloud.empty(table)
    time.sleep(LOCAL.timing.settle + 0.2)  # warm instances hold a phase for one lease
    for table in cloud.tables:
        cloud.empty(table)  # what an operation still wrote that had begun before
    eventually(cloud.quiet)  # what a module before provoked keeps the next from beginning


def rebuild(cloud: Cloud, description: dict[str, Any]) -> None:
    """Drop a table, should it still be there, and make it again as it was described."""
    client = cloud.client("dynamodb")
    name = description["TableName"]
    if name in client.list_tables()["TableNames"]:
        client.update_table(TableName=name, DeletionProtectionEnabled=False)
        client.delete_table(TableName=name)
        eventually(lambda: name not in client.list_tables()["TableNames"])
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {part: index[part] for part in INDEX} for index in description["GlobalSecondaryIndexes"]
        ],
        **{part: description[part] for part in BUILT},
    )
    client.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


def _running(cloud: Cloud) -> list[str]:
    client = cloud.client("stepfunctions")
    machines = [each["stateMachineArn"] for each in client.list_state_machines()["stateMachines"]]
    return [
        each["executionArn"]
        for machine in machines
        for each in client.list_executions(stateMachineArn=machine, statusFilter="RUNNING")[
            "executions"
        ]
    ]


def _open(cloud: Cloud, table: str) -> None:
    """Lift the denial of writes, which a migration beyond WRITE_V2_ONLY has put on v1."""
    client = cloud.client("dynamodb")
    arn = client.describe_table(TableName=table)["Table"]["TableArn"]
    try:
        client.delete_resource_policy(ResourceArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "PolicyNotFoundException":
            raise
