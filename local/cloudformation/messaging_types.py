"""AWS::SNS and AWS::SQS types that moto skips: subscriptions and policies."""

from __future__ import annotations

import json

from typing_extensions import override

from local.cloudformation.resource import Made, Properties, ResourceType


class Subscription(ResourceType):
    """A subscription to a topic."""

    type_name = "AWS::SNS::Subscription"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Subscribe; the call takes the further properties as attributes."""
        call = {key: properties[key] for key in ("TopicArn", "Protocol", "Endpoint")}
        further = {key: value for key, value in properties.items() if key not in call}
        further.pop("Region", None)
        attributes = {key: _text(value) for key, value in further.items()}
        answer = self.clients("sns").subscribe(
            **call, Attributes=attributes, ReturnSubscriptionArn=True
        )
        return Made(answer["SubscriptionArn"], {"Arn": answer["SubscriptionArn"]})

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


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


TYPES = (Subscription, TopicPolicy, QueuePolicy)
