"""A small app with every kind of resource that cutover's stacks use; `-c stage=2` changes some."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import (
    aws_apigatewayv2 as apigw,
)
from aws_cdk import (
    aws_apigatewayv2_authorizers as authorizers,
)
from aws_cdk import (
    aws_apigatewayv2_integrations as integrations,
)
from aws_cdk import (
    aws_cloudwatch as cloudwatch,
)
from aws_cdk import (
    aws_cloudwatch_actions as actions,
)
from aws_cdk import (
    aws_dynamodb as dynamodb,
)
from aws_cdk import (
    aws_events as events,
)
from aws_cdk import (
    aws_events_targets as targets,
)
from aws_cdk import (
    aws_lambda as lambda_,
)
from aws_cdk import (
    aws_logs as logs,
)
from aws_cdk import (
    aws_s3 as s3,
)
from aws_cdk import (
    aws_secretsmanager as secretsmanager,
)
from aws_cdk import (
    aws_sns as sns,
)
from aws_cdk import (
    aws_sns_subscriptions as subscriptions,
)
from aws_cdk import (
    aws_sqs as sqs,
)
from aws_cdk import (
    aws_stepfunctions as sfn,
)
from constructs import Construct

HERE = Path(__file__).parent
ENVIRONMENT = cdk.Environment(account="123456789012", region="us-east-1")


class Data(cdk.Stack):
    """A table, a bucket and a secret."""

    def __init__(self, scope: Construct, name: str, *, stage: int) -> None:
        super().__init__(scope, name, env=ENVIRONMENT)
        table = dynamodb.Table(
            self,
            "Table",
            table_name="spike-table",
            partition_key=dynamodb.Attribute(name="PK", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="SK", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            time_to_live_attribute="expires" if stage == 1 else None,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        table.add_global_secondary_index(
            index_name="ByName",
            partition_key=dynamodb.Attribute(name="name", type=dynamodb.AttributeType.STRING),
        )
        if stage > 1:
            table.add_global_secondary_index(
                index_name="ByTeam",
                partition_key=dynamodb.Attribute(name="team", type=dynamodb.AttributeType.STRING),
            )
        s3.Bucket(
            self,
            "Archive",
            bucket_name="spike-archive",
            enforce_ssl=True,
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(30), prefix="snap/")],
        )
        secretsmanager.Secret(
            self,
            "Secret",
            secret_name="spike-secret",
            removal_policy=cdk.RemovalPolicy.DESTROY,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=40, exclude_punctuation=True
            ),
        )


class Run(cdk.Stack):
    """A function with layer, version and alias, an API, a state machine and what watches them."""

    def __init__(self, scope: Construct, name: str, *, stage: int, issuer: str) -> None:
        super().__init__(scope, name, env=ENVIRONMENT)
        layer = lambda_.LayerVersion(
            self, "Layer", code=lambda_.Code.from_asset(str(HERE / f"layer{stage}"))
        )
        group = logs.LogGroup(
            self,
            "Log",
            log_group_name="/aws/lambda/spike-echo",
            retention=logs.RetentionDays.ONE_WEEK if stage == 1 else logs.RetentionDays.ONE_DAY,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.echo = lambda_.Function(
            self,
            "Echo",
            function_name="spike-echo",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler="echo.handler",
            code=lambda_.Code.from_asset(str(HERE / f"code{stage}")),
            layers=[layer],
            log_group=group,
            timeout=cdk.Duration.seconds(10),
            memory_size=256,
            environment={"STAGE": str(stage)},
            retry_attempts=1,
        )
        lambda_.Alias(self, "Live", alias_name="live", version=self.echo.current_version)
        self.add_api(issuer)
        self.add_workflow(stage)
        self.add_watching()

    def add_api(self, issuer: str) -> None:
        """Add routes with and without an authorizer."""
        authorizer = authorizers.HttpJwtAuthorizer(
            "Tokens", issuer, jwt_audience=["cutover"], authorizer_name="tokens"
        )
        api = apigw.HttpApi(self, "Api", api_name="spike-api")
        to_echo = integrations.HttpLambdaIntegration("ToEcho", self.echo)
        api.add_routes(path="/health", methods=[apigw.HttpMethod.GET], integration=to_echo)
        api.add_routes(
            path="/employees/{id}",
            methods=[apigw.HttpMethod.GET, apigw.HttpMethod.PATCH],
            integration=to_echo,
            authorizer=authorizer,
        )
        api.add_routes(
            path="/admin/{proxy+}",
            methods=[apigw.HttpMethod.ANY],
            integration=to_echo,
            authorizer=authorizer,
            authorization_scopes=["operator", "approver"],
        )
        cdk.CfnOutput(self, "ApiUrl", value=api.api_endpoint)

    def add_workflow(self, stage: int) -> None:
        """Add a state machine that a rule starts."""
        states = {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {
                    "FunctionName": self.echo.function_arn,
                    "Payload": {"stage": stage, "input.$": "$"},
                },
                "OutputPath": "$.Payload",
                "End": True,
            }
        }
        definition = self.to_json_string({"StartAt": "Ask", "States": states})
        machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name="spike-machine",
            definition_body=sfn.DefinitionBody.from_string(definition),
        )
        self.echo.grant_invoke(machine)
        events.Rule(
            self,
            "Nightly",
            schedule=events.Schedule.rate(cdk.Duration.days(1)),
            targets=[targets.SfnStateMachine(machine)],
        )
        cdk.CfnOutput(self, "MachineArn", value=machine.state_machine_arn)

    def add_watching(self) -> None:
        """Add alarms, a dashboard, a metric filter, a topic with subscribers."""
        queue = sqs.Queue(self, "Queue", queue_name="spike-queue")
        topic = sns.Topic(self, "Topic", topic_name="spike-topic", enforce_ssl=True)
        topic.add_subscription(subscriptions.SqsSubscription(queue))
        alarm = self.echo.metric_errors().create_alarm(
            self, "Errors", alarm_name="spike-errors", threshold=1, evaluation_periods=1
        )
        alarm.add_alarm_action(actions.SnsAction(topic))
        cloudwatch.CompositeAlarm(
            self,
            "Any",
            composite_alarm_name="spike-any",
            alarm_rule=cloudwatch.AlarmRule.from_alarm(alarm, cloudwatch.AlarmState.ALARM),
        )
        graph = cloudwatch.GraphWidget(title="errors", left=[self.echo.metric_errors()])
        cloudwatch.Dashboard(self, "Board", dashboard_name="spike", widgets=[[graph]])
        logs.MetricFilter(
            self,
            "Failures",
            log_group=self.echo.log_group,
            filter_name="spike-failures",
            filter_pattern=logs.FilterPattern.literal("ERROR"),
            metric_namespace="spike",
            metric_name="failures",
        )


class Broken(cdk.Stack):
    """A stack with a type that nobody knows."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name, env=ENVIRONMENT)
        cdk.CfnResource(self, "Odd", type="AWS::Odd::Thing", properties={"Name": "x"})


app = cdk.App(
    default_stack_synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
)
chosen_stage = int(app.node.try_get_context("stage") or 1)
chosen_issuer = app.node.try_get_context("issuer") or "http://localhost:4566/_issuer"
Data(app, "SpikeData", stage=chosen_stage)
Run(app, "SpikeRun", stage=chosen_stage, issuer=chosen_issuer)
if app.node.try_get_context("broken"):
    Broken(app, "SpikeBroken")
app.synth()
