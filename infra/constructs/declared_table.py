"""A table as a migration declares it: keys, indexes, stream, recovery, protection."""

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.constructs.retention import keeps_data, removal
from shared.model.declaration import TableDeclaration
from shared.model.environment import Environment
from shared.model.key import KeyType

_TYPES: dict[KeyType, dynamodb.AttributeType] = {
    "S": dynamodb.AttributeType.STRING,
    "N": dynamodb.AttributeType.NUMBER,
    "B": dynamodb.AttributeType.BINARY,
}


def _attribute(name: str | None, kind: KeyType) -> dynamodb.Attribute | None:
    return None if name is None else dynamodb.Attribute(name=name, type=_TYPES[kind])


class DeclaredTable(Construct):
    """An on-demand table with point-in-time recovery and a stream of old and new images."""

    def __init__(
        self, scope: Construct, name: str, *, table: TableDeclaration, environment: Environment
    ) -> None:
        super().__init__(scope, name)
        keys = table.keys
        # Table, not TableV2: CloudFormation's GlobalTable is unknown to the local cloud
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=table.name,
            partition_key=_attribute(keys.partition, keys.partition_type),
            sort_key=_attribute(keys.sort, keys.sort_type),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            deletion_protection=keeps_data(environment),
            removal_policy=removal(environment),
        )
        for index in table.indexes:
            self.table.add_global_secondary_index(
                index_name=index.name,
                partition_key=_attribute(index.keys.partition, index.keys.partition_type),
                sort_key=_attribute(index.keys.sort, index.keys.sort_type),
                projection_type=dynamodb.ProjectionType.ALL,
            )
