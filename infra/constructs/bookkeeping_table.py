"""A table in which the engine keeps its own books: phases, or runs and their audit."""

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.constructs.retention import keeps_data, removal
from shared.model.environment import Environment

_STRING = dynamodb.AttributeType.STRING


class BookkeepingTable(Construct):
    """An on-demand table keyed by `partition` and, where it has one, by `sort`; both text."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        partition: str,
        sort: str | None = None,
        environment: Environment,
    ) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=name,
            partition_key=dynamodb.Attribute(name=partition, type=_STRING),
            sort_key=dynamodb.Attribute(name=sort, type=_STRING) if sort else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            deletion_protection=keeps_data(environment),
            removal_policy=removal(environment),
        )
