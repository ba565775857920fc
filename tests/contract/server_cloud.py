"""The AWS adapters over the local cloud: one server for all tests of an engine."""

import gzip
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

import local.dynamodb
import local.metrics.cloudwatch
from local import lifecycle
from local.metrics.store import Store
from local.places import Places
from shared.aws.clients import Clients
from shared.aws.cloudwatch_alarms import CloudWatchAlarms
from shared.aws.cloudwatch_measurements import CloudWatchMeasurements
from shared.aws.control_table import ControlTable
from shared.aws.dead_letters import SqsDeadLetters
from shared.aws.dynamodb_references import DynamoReferences
from shared.aws.dynamodb_tables import DynamoTables
from shared.aws.export import S3Exports
from shared.aws.key_queue import SqsKeyQueue
from shared.aws.ledger_table import LedgerTable
from shared.aws.s3_archive import S3Archive
from shared.aws.s3_snapshots import S3Snapshots
from shared.aws.sns_topic import SnsTopic
from shared.aws.step_functions import StateMachines
from shared.aws.system import SystemClock
from shared.aws.table_administration import PolicyAdministration
from shared.model.alarms import AlarmState
from shared.model.declaration import TableDeclaration, TableToTable
from shared.model.environment import LOCAL
from shared.model.item import Item, encode
from shared.model.key import Key
from shared.model.key_message import key_in
from shared.model.metrics import NAMESPACE, Metric
from shared.model.writes import Side
from tests.contract.engines import DYNAMODB_LOCAL, Engine, example_migration, example_reference

CONTROL, LEDGER, BUCKET = "contract-control", "contract-ledger", "contract-archive"
ROLE = "arn:aws:iam::123456789012:role/contract"
MACHINES = f"arn:aws:states:{LOCAL.region}:{LOCAL.account}:stateMachine:"


@contextmanager
def moto_cloud() -> Iterator["ServerCloud"]:
    """Run a moto server with the local cloud's DynamoDB in it."""
    local.dynamodb.install()
    local.metrics.cloudwatch.install(Store())
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield cloud_at(server.get_host_and_port()[1], "moto")
    server.stop()


@contextmanager
def dynamodb_local_cloud(home: Path) -> Iterator["ServerCloud"]:
    """Run the local cloud on AWS's DynamoDB Local, in processes of its own."""
    places, port = Places(home), free_port()
    lifecycle.up(port, detach=True, dynamodb="local", places=places)
    try:
        yield cloud_at(port, DYNAMODB_LOCAL)
    finally:
        lifecycle.down(places)


def cloud_at(port: int, kind: str) -> "ServerCloud":
    """Return the cloud that answers on a port of this machine."""
    settings = {
        "AWS_ENDPOINT_URL": f"http://localhost:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        return ServerCloud(kind)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerCloud:
    """The clients, and what all tests share: control table, ledger table, bucket."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.clients = Clients(LOCAL.region, LOCAL.timing)
        # Made here, while the environment names the server: clients are built on first use.
        self.dynamodb, self.s3 = self.clients.dynamodb, self.clients.s3
        self.stepfunctions, self.sqs = self.clients.stepfunctions, self.clients.sqs
        self.cloudwatch, self.sns = self.clients.cloudwatch, self.clients.sns
        self.s3.create_bucket(Bucket=BUCKET)
        self._create_keyed(CONTROL, "migration")
        self._create_keyed(LEDGER, "PK", "SK")

    def engine(self) -> Engine:
        """Return the ports over fresh tables."""
        migration = example_migration()
        clock = SystemClock()
        hand = ServerHand(self, migration)
        for side in Side:
            hand.create(side)
        return Engine(
            kind=self.kind,
            migration=migration,
            tables=DynamoTables(self.dynamodb, migration, clock),
            administration=PolicyAdministration(self.dynamodb, migration),
            exports=S3Exports(self.dynamodb, self.s3, migration, BUCKET),
            control=ControlTable(self.dynamodb, CONTROL, LEDGER, clock),
            ledger=LedgerTable(self.dynamodb, LEDGER, migration.name, clock),
            archive=S3Archive(self.s3, BUCKET),
            snapshots=S3Snapshots(self.s3, BUCKET, hand.snapshots),
            references=DynamoReferences(self.dynamodb, hand.reference),
            executions=StateMachines(self.stepfunctions, f"{MACHINES}contract-{migration.name}-"),
            queue=SqsKeyQueue(self.sqs, hand.queue_name, migration.source.keys),
            alarms=CloudWatchAlarms(self.cloudwatch),
            dead_letters=SqsDeadLetters(self.sqs, f"cutover-{migration.name}-"),
            notifications=SnsTopic(self.sns, hand.topic),
            measurements=CloudWatchMeasurements(
                self.cloudwatch, migration.name, LOCAL.thresholds.period
            ),
            clock=clock,
            hand=hand,
        )

    def _create_keyed(self, name: str, *keys: str) -> None:
        kinds = zip(keys, ("HASH", "RANGE"), strict=False)
        self.dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in kinds],
            AttributeDefinitions=[{"AttributeName": k, "AttributeType": "S"} for k in keys],
            BillingMode="PAY_PER_REQUEST",
        )


class ServerHand:
    """Reaches into the server by plain boto3."""

    def __init__(self, cloud: ServerCloud, migration: TableToTable) -> None:
        self._cloud = cloud
        self._declared = {Side.SOURCE: migration.source, Side.TARGET: migration.target}
        self._keys = migration.source.keys
        self._name = migration.name
        self._machine = f"contract-{migration.name}"
        self.queue_name = f"contract-{migration.name}"
        queue = cloud.sqs.create_queue(QueueName=self.queue_name)
        self.queue_url = str(queue["QueueUrl"])
        self.topic = str(cloud.sns.create_topic(Name=self._machine)["TopicArn"])
        self._queue = ""
        self.snapshots = f"snapshots/{migration.name}/"
        self.reference = example_reference(migration)
        cloud.dynamodb.create_table(**_table(self.reference))

    def create(self, side: Side) -> None:
        declared = self._declared[side]
        self._cloud.dynamodb.create_table(**_table(declared))
        self._cloud.dynamodb.update_continuous_backups(
            TableName=declared.name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )

    def recreate(self, side: Side) -> None:
        name = self._declared[side].name
        self._cloud.dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        self._cloud.dynamodb.delete_table(TableName=name)
        self.create(side)

    def lay_bare(self, side: Side) -> None:
        """Make the table again as a bare one: moto cannot switch a stream on twice."""
        name = self._declared[side].name
        self._cloud.dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        self._cloud.dynamodb.delete_table(TableName=name)
        members = {
            member: value
            for member, value in _table(self._declared[side]).items()
            if member != "StreamSpecification"
        }
        self._cloud.dynamodb.create_table(**members)

    def tamper_data(self, arn: str) -> None:
        line = self._read(arn, "manifest-files.json").splitlines()[0]
        key = json.loads(line)["dataFileS3Key"]
        body = self._cloud.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        changed = gzip.compress(gzip.decompress(body).replace(b'"one"', b'"two"', 1))
        self._cloud.s3.put_object(Bucket=BUCKET, Key=key, Body=changed)

    def tamper_manifest(self, arn: str) -> None:
        summary = json.loads(self._read(arn, "manifest-summary.json"))
        summary["itemCount"] += 1
        self._cloud.s3.put_object(
            Bucket=BUCKET,
            Key=self._file(arn, "manifest-summary.json"),
            Body=json.dumps(summary).encode(),
        )

    def start_execution(self) -> str:
        states = {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}
        machine = self._cloud.stepfunctions.create_state_machine(
            name=self._machine,
            definition=json.dumps({"StartAt": "Wait", "States": states}),
            roleArn=ROLE,
        )
        answer = self._cloud.stepfunctions.start_execution(
            stateMachineArn=machine["stateMachineArn"]
        )
        return str(answer["executionArn"])

    def end_execution(self, execution: str) -> None:
        self._cloud.stepfunctions.stop_execution(executionArn=execution)

    def deploy_validation(self) -> None:
        self._cloud.stepfunctions.create_state_machine(
            name=f"{self._machine}-validate",
            definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
            roleArn=ROLE,
        )

    def validations(self) -> list[dict[str, Any]]:
        client, machine = self._cloud.stepfunctions, f"{MACHINES}{self._machine}-validate"
        listed = client.list_executions(stateMachineArn=machine)["executions"]
        described = [client.describe_execution(executionArn=e["executionArn"]) for e in listed]
        return [json.loads(each["input"]) for each in described]

    def tell(self, at: float, metric: Metric, *values: float) -> None:
        dimensions = {"service": f"cutover-{self._name}", "migration": self._name}
        self._cloud.cloudwatch.put_metric_data(
            Namespace=NAMESPACE,
            MetricData=[
                {
                    "MetricName": metric.value,
                    "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions.items()],
                    "Timestamp": datetime.fromtimestamp(at, UTC),
                    "Values": list(values),
                    "Unit": metric.unit.value,
                }
            ],
        )

    def queued(self) -> list[Key]:
        keys: list[Key] = []
        while messages := self._received():
            keys += [key_in(self._keys, each["Body"]) for each in messages]
            for each in messages:
                handle = each["ReceiptHandle"]
                self._cloud.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=handle)
        return keys

    def _received(self) -> list[dict[str, Any]]:
        answer = self._cloud.sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=0
        )
        return list(answer.get("Messages", []))

    def set_alarm(self, name: str, state: AlarmState, reason: str) -> None:
        self._cloud.cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="Contract",
            MetricName="Errors",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            Period=60,
            Statistic="Sum",
            Threshold=1.0,
        )
        self._cloud.cloudwatch.set_alarm_state(
            AlarmName=name, StateValue=state.value, StateReason=reason
        )

    def subscribe(self) -> None:
        sqs, sns = self._cloud.sqs, self._cloud.sns
        self._queue = sqs.create_queue(QueueName=self._machine)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])

    def notified(self) -> list[tuple[str, str]]:
        found = self._cloud.sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        bodies = [json.loads(message["Body"]) for message in found.get("Messages", [])]
        return [(body["Subject"], body["Message"]) for body in bodies]

    def give_up(self, queue: str, messages: int) -> None:
        url = self._cloud.sqs.create_queue(QueueName=queue)["QueueUrl"]
        for number in range(messages):
            self._cloud.sqs.send_message(QueueUrl=url, MessageBody=str(number))

    def lose_topic(self) -> None:
        self._cloud.sns.delete_topic(TopicArn=self.topic)

    def store_text(self, name: str, text: str) -> str:
        self._cloud.s3.put_object(Bucket=BUCKET, Key=name, Body=text.encode())
        return f"s3://{BUCKET}/{name}"

    def refer(self, *items: Item) -> None:
        for each in items:
            self._cloud.dynamodb.put_item(TableName=self.reference.name, Item=encode(each))

    def expire(self, name: str) -> None:
        self._cloud.s3.delete_object(Bucket=BUCKET, Key=f"{self.snapshots}{name}.json.gz")

    def _read(self, arn: str, name: str) -> bytes:
        answer = self._cloud.s3.get_object(Bucket=BUCKET, Key=self._file(arn, name))
        return bytes(answer["Body"].read())

    def _file(self, arn: str, name: str) -> str:
        described = self._cloud.dynamodb.describe_export(ExportArn=arn)["ExportDescription"]
        return f"{described['S3Prefix']}/AWSDynamoDB/{arn.rpartition('/')[2]}/{name}"


def _table(declared: TableDeclaration) -> dict[str, Any]:
    """Return the request that creates a table as its stack would."""
    types = dict(declared.keys.types)
    for index in declared.indexes:
        types |= index.keys.types
    request: dict[str, Any] = {
        "TableName": declared.name,
        "KeySchema": _key_schema(declared.keys.names),
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind} for name, kind in types.items()
        ],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "DeletionProtectionEnabled": True,
    }
    indexes = [
        {
            "IndexName": index.name,
            "KeySchema": _key_schema(index.keys.names),
            "Projection": {"ProjectionType": "ALL"},
        }
        for index in declared.indexes
    ]
    return {**request, "GlobalSecondaryIndexes": indexes} if indexes else request


def _key_schema(names: tuple[str, ...]) -> list[dict[str, str]]:
    kinds = zip(names, ("HASH", "RANGE"), strict=False)
    return [{"AttributeName": name, "KeyType": kind} for name, kind in kinds]
