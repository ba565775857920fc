"""AWS::SNS and AWS::SQS types: moto skips some, and loses what it does not update in place."""

from __future__ import annotations

import json

from typing_extensions import override

from local.cloudformation.resource import Made, Properties, ResourceType
from local.places import ACCOUNT, REGION


class Topic(ResourceType):
    """A topic; Ref gives its ARN. An update of moto's drops its subscriptions."""

    type_name = "AWS::SNS::Topic"
    name_property = "TopicName"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Create the topic, or set its attributes anew where it exists."""
        client = self.clients("sns")
        arn = client.create_topic(Name=name, Tags=properties.get("Tags", []))["TopicArn"]
        for attribute in _TOPIC_ATTRIBUTES:
            value = _text(properties.get(attribute, ""))
            client.set_topic_attributes(TopicArn=arn, AttributeName=attribute, AttributeValue=value)
        for one in properties.get("Subscription", []):
            client.subscribe(TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])
        return Made(arn, {"TopicArn": arn, "TopicName": name})

    @override
    def delete(self, made: Made) -> None:
        """Delete the topic with its subscriptions."""
        self.clients("sns").delete_topic(TopicArn=made.physical_id)


class Subscription(ResourceType):
    """A subscription to a topic."""

    type_name = "AWS::SNS::Subscription"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Subscribe, or find the same subscription, and set the further properties."""
        call = {key: properties[key] for key in _SUBSCRIBED}
        further = {key: value for key, value in properties.items() if key not in _SUBSCRIBED}
        further.pop("Region", None)
        client = self.clients("sns")
        arn = client.subscribe(**call, ReturnSubscriptionArn=True)["SubscriptionArn"]
        for attribute, value in further.items():
            client.set_subscription_attributes(
                SubscriptionArn=arn, AttributeName=attribute, AttributeValue=_text(value)
            )
        return Made(arn, {"Arn": arn})

    @override
    def delete(self, made: Made) -> None:
        """Unsubscribe."""
        self.clients("sns").unsubscribe(SubscriptionArn=made.physical_id)


class TopicPolicy(ResourceType):
    """Who may publish to topics."""

    type_name = "AWS::SNS::TopicPolicy"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Set the policy on every topic."""
        for topic in properties["Topics"]:
            self.clients("sns").set_topic_attributes(
                TopicArn=topic,
                AttributeName="Policy",
                AttributeValue=json.dumps(properties["PolicyDocument"]),
            )
        return Made(name, {"Id": name})

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Set the policy anew; topics left out go with it or keep their last policy."""
        self.create(made.physical_id, properties)
        return made

    @override
    def delete(self, made: Made) -> None:
        """Leave the topics alone: a topic always has a policy, and these go with their stack."""


class Queue(ResourceType):
    """A queue; Ref gives a URL that answers here, which moto's does not."""

    type_name = "AWS::SQS::Queue"
    name_property = "QueueName"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Create the queue with all its settings."""
        fifo = ".fifo" if properties.get("FifoQueue") and not name.endswith(".fifo") else ""
        name = name[-_LONGEST_QUEUE_NAME + len(fifo) :] + fifo
        url = self.clients("sqs").create_queue(
            QueueName=name,
            Attributes=_queue_attributes(properties),
            tags={tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])},
        )["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        return Made(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Set all settings anew, those left out to their defaults; a new name is a new queue."""
        if (
            properties.get("QueueName", made.attributes["QueueName"])
            != made.attributes["QueueName"]
        ):
            return super().update(made, name, properties)
        attributes = _QUEUE_DEFAULTS | _queue_attributes(properties)
        attributes.pop("FifoQueue", None)  # cannot be changed
        self.clients("sqs").set_queue_attributes(QueueUrl=made.physical_id, Attributes=attributes)
        return made

    @override
    def delete(self, made: Made) -> None:
        """Delete the queue with what it holds."""
        self.clients("sqs").delete_queue(QueueUrl=made.physical_id)


class QueuePolicy(ResourceType):
    """Who may send to queues."""

    type_name = "AWS::SQS::QueuePolicy"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Set the policy on every queue."""
        self._set(properties["Queues"], json.dumps(properties["PolicyDocument"]))
        return Made(name, {"Id": name, "Queues": " ".join(properties["Queues"])})

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Take the policy from queues that left and set it on the others."""
        before = made.attributes["Queues"].split()
        self._set([queue for queue in before if queue not in properties["Queues"]], "")
        return self.create(made.physical_id, properties)

    @override
    def delete(self, made: Made) -> None:
        """Take the policy away."""
        self._set(made.attributes["Queues"].split(), "")

    def _set(self, queues: list[str], policy: str) -> None:
        for queue in queues:
            self.clients("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})


_SUBSCRIBED = ("TopicArn", "Protocol", "Endpoint")
_TOPIC_ATTRIBUTES = ("DisplayName", "KmsMasterKeyId")
_LONGEST_QUEUE_NAME = 80
_QUEUE_DEFAULTS = {
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedrivePolicy": "{}",
    "VisibilityTimeout": "30",
}


def _queue_attributes(properties: Properties) -> dict[str, str]:
    """Give a queue's properties as the attributes of the API, which are text."""
    left_out = ("QueueName", "Tags")
    return {key: _text(value) for key, value in properties.items() if key not in left_out}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


TYPES = (Topic, Subscription, TopicPolicy, Queue, QueuePolicy)
