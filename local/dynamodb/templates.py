"""`AWS::DynamoDB::Table` in CloudFormation with all its properties, and with updates.

moto drops PITR, TTL, contributor insights and the policy, mistakes the encryption's spelling,
cannot update a table at all (the stack is stuck afterwards), and deletes retained resources that
leave a template.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.parsing import ResourceMap
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Table

from local.dynamodb import insights
from local.dynamodb.tables import LOCK
from local.mend import replace

Properties = dict[str, Any]

_KNOWN = frozenset({
    "AttributeDefinitions", "BillingMode", "ContributorInsightsSpecification",
    "DeletionProtectionEnabled", "GlobalSecondaryIndexes", "KeySchema", "LocalSecondaryIndexes",
    "PointInTimeRecoverySpecification", "ProvisionedThroughput", "ResourcePolicy",
    "SSESpecification", "StreamSpecification", "TableClass", "TableName", "Tags",
    "TimeToLiveSpecification", "WarmThroughput",
})  # fmt: skip


class NotDoneHere(ValidationError):
    """The template asks for something CloudFormation or the local cloud cannot do."""

    def __init__(self, message: str) -> None:
        super().__init__(message=message)


def install() -> None:
    """Let CloudFormation create, update and keep tables as on AWS."""
    create = Table.create_from_cloudformation_json
    replace(Table, "create_from_cloudformation_json", classmethod(_creating(create)))
    replace(Table, "update_from_cloudformation_json", classmethod(_update))
    replace(Table, "delete", _delete_once)
    replace(ResourceMap, "_delete_resource", _unless_retained(ResourceMap._delete_resource))


def _creating(create: Callable[..., Table]) -> Callable[..., Table]:
    def create_table(
        _cls: type[Table],
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> Table:
        properties = _read(cloudformation_json)
        # moto writes into what it is given, and the template must stay as it was deployed.
        resource = {**cloudformation_json, "Properties": copy.deepcopy(properties)}
        with LOCK:
            table = create(resource_name, resource, account_id, region_name, **kwargs)
            _settle(dynamodb_backends[account_id][region_name], table, properties)
        return table

    return create_table


def _update(
    _cls: type[Table],
    original_resource: Table,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> Table:
    properties = _read(cloudformation_json)
    backend = dynamodb_backends[account_id][region_name]
    with LOCK:
        table = backend.get_table(original_resource.name)
        _refuse_replacement(table, new_resource_name, properties)
        changes = _index_changes(table, properties.get("GlobalSecondaryIndexes") or [])
        backend.update_table(
            table.name,
            properties["AttributeDefinitions"],
            changes,
            throughput=properties.get("ProvisionedThroughput") or {},
            billing_mode=properties.get("BillingMode") or "PROVISIONED",
            stream_spec={},
            deletion_protection_enabled=_flag(properties.get("DeletionProtectionEnabled")),
            warm_throughput=properties.get("WarmThroughput"),
        )
        _settle_stream(table, properties.get("StreamSpecification"))
        table.sse_specification = properties.get("SSESpecification")
        table.tags = properties.get("Tags") or []
        _settle(backend, table, properties)
    return table


def _delete_once(self: Table, account_id: str, region_name: str) -> None:
    """Delete the table, unless it went before: that is success to CloudFormation."""
    backend = dynamodb_backends[account_id][region_name]
    if backend.tables.get(self.name) is self:
        backend.delete_table(self.name)


def _unless_retained(delete: Callable[..., None]) -> Callable[..., None]:
    def delete_resource(self: ResourceMap, resource: Any, resource_json: dict[str, Any]) -> None:
        if resource_json.get("DeletionPolicy") not in ("Retain", "RetainExceptOnCreate"):
            delete(self, resource, resource_json)

    return delete_resource


def _read(resource: dict[str, Any]) -> Properties:
    properties: Properties = copy.deepcopy(resource["Properties"])
    unknown = sorted(properties.keys() - _KNOWN)
    if unknown:
        raise NotDoneHere(f"AWS::DynamoDB::Table: the local cloud has no property {unknown[0]}")
    encryption = properties.get("SSESpecification")
    if encryption:
        encryption["Enabled"] = _flag(encryption.pop("SSEEnabled", False))
    if properties.get("StreamSpecification"):
        properties["StreamSpecification"]["StreamEnabled"] = True
    properties["DeletionProtectionEnabled"] = _flag(properties.get("DeletionProtectionEnabled"))
    return properties


def _settle(backend: DynamoDBBackend, table: Table, properties: Properties) -> None:
    """Set what has an operation of its own in the API."""
    recovery = properties.get("PointInTimeRecoverySpecification") or {}
    on = _flag(recovery.get("PointInTimeRecoveryEnabled"))
    backend.update_continuous_backups(table.name, {**recovery, "PointInTimeRecoveryEnabled": on})
    lifetime = properties.get("TimeToLiveSpecification")
    if lifetime:
        enabled = _flag(lifetime.get("Enabled"))
        backend.update_time_to_live(table.name, {**lifetime, "Enabled": enabled})
    else:
        table.ttl = {"TimeToLiveStatus": "DISABLED"}
    wanted = properties.get("ContributorInsightsSpecification") or {}
    insights.switch(table, on=_flag(wanted.get("Enabled")))
    policy = properties.get("ResourcePolicy")
    if policy:
        document = json.dumps(policy["PolicyDocument"])
        backend.put_resource_policy(table.table_arn, document, None)


def _settle_stream(table: Table, wanted: dict[str, Any] | None) -> None:
    held = table.stream_specification or {}
    view = (wanted or {}).get("StreamViewType")
    if view != held.get("StreamViewType"):
        table.set_stream_specification(wanted)


def _refuse_replacement(table: Table, name: str, properties: Properties) -> None:
    local = [index.name for index in table.indexes]
    wanted = [one["IndexName"] for one in properties.get("LocalSecondaryIndexes") or []]
    if name != table.name or table.schema != properties["KeySchema"] or local != wanted:
        raise NotDoneHere(
            "CloudFormation cannot update a stack when a custom-named resource requires "
            f"replacing. Rename {table.name} and update the stack again."
        )


def _index_changes(table: Table, wanted: list[Properties]) -> list[Properties]:
    held = {index.name: index for index in table.global_indexes}
    names = {one["IndexName"] for one in wanted}
    changes = [{"Delete": {"IndexName": name}} for name in held if name not in names]
    for one in wanted:
        index = held.get(one["IndexName"])
        if index is None:
            changes.append({"Create": one})
        elif (index.schema, index.projection) != (one["KeySchema"], one["Projection"]):
            raise NotDoneHere(
                f"Cannot update the key schema or projection of the index {index.name}: delete it "
                "in one deployment and create it in the next"
            )
    if len(changes) > 1:
        raise NotDoneHere(
            "Cannot perform more than one GSI creation or deletion in a single update"
        )
    return changes


def _flag(value: object) -> bool:
    """Read a boolean, which YAML templates may spell as text."""
    return value is True or str(value).lower() == "true"
