"""Denial of writes by resource-based policy, and deletion of tables (`TableAdministration`)."""

import json
from typing import Any

from botocore.exceptions import ClientError

from shared.aws.errors import code_of, translated
from shared.model.declaration import Migration
from shared.model.errors import TableGone
from shared.model.writes import Side
from shared.ports import RECOVERY, STREAM

SID = "CutoverDeniesWrites"
DENIED = (
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
)
NO_POLICY = "NO_POLICY"
"""The revision by which DynamoDB is told that no policy is expected ("PutResourcePolicy")."""


class PolicyAdministration:
    """Closes, opens and deletes tables; statements that others put into a policy stay in it.

    A policy change is in force after some seconds (AWS: "eventually consistent"); callers wait.
    """

    def __init__(self, dynamodb: Any, migration: Migration) -> None:
        self._dynamodb = dynamodb
        self._names = {side: each.name for side, each in migration.tables.items()}

    def protect(self, side: Side, *, stream: bool) -> tuple[str, ...]:
        """Switch on point-in-time recovery and, if wanted, the stream; return what was off."""
        name = self._names[side]
        with translated(writes=True):
            found = []
            backups = self._dynamodb.describe_continuous_backups(TableName=name)
            recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
            if recovery["PointInTimeRecoveryStatus"] != "ENABLED":
                self._dynamodb.update_continuous_backups(
                    TableName=name,
                    PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
                )
                found.append(RECOVERY)
            streams = self._table(side).get("StreamSpecification", {}).get("StreamEnabled")
            if stream and not streams:
                self._dynamodb.update_table(
                    TableName=name,
                    StreamSpecification={
                        "StreamEnabled": True,
                        "StreamViewType": "NEW_AND_OLD_IMAGES",
                    },
                )
                found.append(STREAM)
        return tuple(found)

    def deny_writes(self, side: Side) -> None:
        """Close a table for writes by policy; closing twice is no error."""
        with translated(writes=True):
            arn = self._table(side)["TableArn"]
            statements, revision = self._policy(arn)
            if _denial(arn) in statements:
                return  # AWS takes a table's policy only every few seconds
            others = [each for each in statements if each.get("Sid") != SID]
            self._store(arn, [*others, _denial(arn)], revision)

    def allow_writes(self, side: Side) -> None:
        """Lift the denial; lifting twice is no error."""
        with translated(writes=True):
            arn = self._table(side)["TableArn"]
            statements, revision = self._policy(arn)
            others = [each for each in statements if each.get("Sid") != SID]
            if others and others != statements:
                self._store(arn, others, revision)
            elif statements and not others:
                # The condition on the revision makes this safe beside another writer.
                self._dynamodb.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=revision)

    def writes_denied(self, side: Side) -> bool:
        """Tell whether the denial is in the table's policy."""
        with translated(writes=False):
            statements, _ = self._policy(self._table(side)["TableArn"])
        return any(each.get("Sid") == SID for each in statements)

    def delete_table(self, side: Side, table_id: str) -> None:
        """Delete a table for good if it is still the one with this id; one gone is no error.

        Raises Contended while the table is being updated, which lifting the protection may
        cause for a moment: call again.
        """
        with translated(writes=True):
            try:
                table = self._table(side)
            except self._dynamodb.exceptions.ResourceNotFoundException:
                return
            if table["TableId"] != table_id:
                raise TableGone(
                    f"{table['TableName']} has id {table['TableId']}, not {table_id}",
                    mend="look who dropped the table and made it again; nothing was deleted",
                )
            if table["TableStatus"] == "DELETING":
                return
            name = table["TableName"]
            if table.get("DeletionProtectionEnabled"):
                self._dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
            self._dynamodb.delete_table(TableName=name)

    def _table(self, side: Side) -> dict[str, Any]:
        answer: dict[str, Any] = self._dynamodb.describe_table(TableName=self._names[side])
        table: dict[str, Any] = answer["Table"]
        return table

    def _policy(self, arn: str) -> tuple[list[dict[str, Any]], str]:
        """Return the statements of a table's policy and their revision."""
        try:
            answer = self._dynamodb.get_resource_policy(ResourceArn=arn)
        except ClientError as error:
            if code_of(error) == "PolicyNotFoundException":
                return [], NO_POLICY
            raise
        statements = json.loads(answer["Policy"])["Statement"]
        if isinstance(statements, dict):  # a policy may give its only statement without a list
            statements = [statements]
        return statements, answer["RevisionId"]

    def _store(self, arn: str, statements: list[dict[str, Any]], revision: str) -> None:
        policy = {"Version": "2012-10-17", "Statement": statements}
        self._dynamodb.put_resource_policy(
            ResourceArn=arn, Policy=json.dumps(policy), ExpectedRevisionId=revision
        )


def _denial(arn: str) -> dict[str, Any]:
    """Return the statement that denies everybody every write."""
    return {
        "Sid": SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(DENIED),
        "Resource": arn,
    }
