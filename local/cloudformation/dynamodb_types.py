"""AWS::DynamoDB::Table through the API, so that any engine behind it serves; moto's drops PITR."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from local.cloudformation.resource import Made, Properties, ResourceType

# What the API takes at creation under the same name and shape as the template.
_SAME = (
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "TableClass",
    "Tags",
)


class Table(ResourceType):
    """A table with its stream, backups, lifetime and protection."""

    type_name = "AWS::DynamoDB::Table"
    name_property = "TableName"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Create the table and what the API sets separately."""
        call = {key: properties[key] for key in _SAME if key in properties}
        if "StreamSpecification" in properties:
            call["StreamSpecification"] = _stream(properties)
        if properties.get("SSESpecification", {}).get("SSEEnabled"):
            call["SSESpecification"] = {"Enabled": True}
        self.clients("dynamodb").create_table(TableName=name, **call)
        self._settle(name, properties)
        return self._made(name)

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Change what can change in place, an index at a time as on AWS; a new name is a new table."""
        if name != made.physical_id:
            return super().update(made, name, properties)
        client = self.clients("dynamodb")
        now = client.describe_table(TableName=name)["Table"]
        protection = bool(properties.get("DeletionProtectionEnabled", False))
        if bool(now.get("DeletionProtectionEnabled", False)) != protection:
            client.update_table(TableName=name, DeletionProtectionEnabled=protection)
        for change in _index_changes(now, properties):
            client.update_table(
                TableName=name,
                AttributeDefinitions=properties["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[change],
            )
        if "StreamSpecification" in properties and not now.get("StreamSpecification"):
            client.update_table(TableName=name, StreamSpecification=_stream(properties))
        self._settle(name, properties)
        return self._made(name)

    @override
    def delete(self, made: Made) -> None:
        """Delete the table; refused as on AWS while it is protected."""
        self.clients("dynamodb").delete_table(TableName=made.physical_id)

    def _settle(self, name: str, properties: Properties) -> None:
        client = self.clients("dynamodb")
        backups = properties.get("PointInTimeRecoverySpecification")
        if backups is not None:
            client.update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification=backups
            )
        lifetime = properties.get("TimeToLiveSpecification")
        if lifetime is not None:
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=lifetime)
        policy = properties.get("ResourcePolicy")
        if policy is not None:
            raise ValueError("a table's resource policy is set by the workflow, not by the stack")

    def _made(self, name: str) -> Made:
        table = self.clients("dynamodb").describe_table(TableName=name)["Table"]
        stream = table.get("LatestStreamArn")
        arn = {"Arn": table["TableArn"]}
        return Made(name, arn | ({"StreamArn": stream} if stream else {}))


def _stream(properties: Properties) -> dict[str, Any]:
    wanted = {key: properties["StreamSpecification"][key] for key in ("StreamViewType",)}
    return wanted | {"StreamEnabled": True}


def _index_changes(now: dict[str, Any], properties: Properties) -> list[dict[str, Any]]:
    """List the index creations and deletions that lead from `now` to the template."""
    present = {index["IndexName"] for index in now.get("GlobalSecondaryIndexes", [])}
    wanted = {index["IndexName"]: index for index in properties.get("GlobalSecondaryIndexes", [])}
    creations = [{"Create": index} for name, index in wanted.items() if name not in present]
    return [{"Delete": {"IndexName": name}} for name in present - set(wanted)] + creations


TYPES = (Table,)
