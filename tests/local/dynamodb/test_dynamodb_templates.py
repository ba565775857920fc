"""Tables in CloudFormation: every property arrives, updates work, retained tables stay."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError


def properties(name, **more):
    return {
        "TableName": name,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        **more,
    }


FULL = {
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
    "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    "SSESpecification": {"SSEEnabled": True},
    "ContributorInsightsSpecification": {"Enabled": True},
    "DeletionProtectionEnabled": True,
    "Tags": [{"Key": "team", "Value": "core"}],
}


def with_index(*names):
    return {
        "AttributeDefinitions": [
            {"AttributeName": one, "AttributeType": "S"} for one in ("pk", *names)
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": f"by-{one}",
                "KeySchema": [{"AttributeName": one, "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
            for one in names
        ],
    }


@pytest.fixture
def stack(connect):
    """Create or update a stack of tables: {logical id: (properties, deletion policy)}."""
    client = connect("cloudformation")
    name = f"stack-{uuid4().hex[:8]}"

    def deploy(verb, **tables):
        template = {
            "Resources": {
                "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
                **{
                    key: {
                        "Type": "AWS::DynamoDB::Table",
                        "Properties": wanted,
                        "DeletionPolicy": policy,
                    }
                    for key, (wanted, policy) in tables.items()
                },
            },
        }
        getattr(client, f"{verb}_stack")(StackName=name, TemplateBody=json.dumps(template))
        return client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]

    return deploy


@pytest.fixture
def name():
    return f"cfn-{uuid4().hex[:8]}"


def settings(dynamodb, name):
    told = dynamodb.describe_table(TableName=name)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    lifetime = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    insights = dynamodb.describe_contributor_insights(TableName=name)
    return {
        "pitr": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "ttl": lifetime["TimeToLiveStatus"],
        "stream": told.get("StreamSpecification", {}).get("StreamViewType"),
        "encryption": told.get("SSEDescription", {}).get("Status"),
        "insights": insights["ContributorInsightsStatus"],
        "protected": told["DeletionProtectionEnabled"],
        "tags": dynamodb.list_tags_of_resource(ResourceArn=told["TableArn"])["Tags"],
    }


ALL_ON = {
    "pitr": "ENABLED",
    "ttl": "ENABLED",
    "stream": "NEW_AND_OLD_IMAGES",
    "encryption": "ENABLED",
    "insights": "ENABLED",
    "protected": True,
    "tags": FULL["Tags"],
}
ALL_OFF = {
    "pitr": "DISABLED",
    "ttl": "DISABLED",
    "stream": None,
    "encryption": None,
    "insights": "DISABLED",
    "protected": False,
    "tags": [],
}


def test_every_property_arrives(dynamodb, stack, name):
    assert stack("create", Table=(properties(name, **FULL), "Retain")) == "CREATE_COMPLETE"
    assert settings(dynamodb, name) == ALL_ON


def test_properties_are_switched_on_and_off_by_updates(dynamodb, stack, name):
    stack("create", Table=(properties(name), "Retain"))
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "a"}})
    assert settings(dynamodb, name) == ALL_OFF
    assert stack("update", Table=(properties(name, **FULL), "Retain")) == "UPDATE_COMPLETE"
    assert settings(dynamodb, name) == ALL_ON
    assert stack("update", Table=(properties(name), "Retain")) == "UPDATE_COMPLETE"
    assert settings(dynamodb, name) == ALL_OFF
    assert dynamodb.scan(TableName=name)["Count"] == 1


def test_index_is_added_filled_and_dropped_by_updates(dynamodb, stack, name):
    stack("create", Table=(properties(name), "Retain"))
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "a"}, "team": {"S": "x"}})
    stack("update", Table=(properties(name, **with_index("team")), "Retain"))
    assert dynamodb.scan(TableName=name, IndexName="by-team")["Count"] == 1
    stack("update", Table=(properties(name), "Retain"))
    assert "GlobalSecondaryIndexes" not in dynamodb.describe_table(TableName=name)["Table"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (with_index("team", "role"), "more than one GSI"),
        (
            {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
             "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]},
            "requires replacing",
        ),
        ({"KinesisStreamSpecification": {}}, "has no property KinesisStreamSpecification"),
    ],
)  # fmt: skip
def test_update_that_cannot_be_is_refused_and_the_next_works(dynamodb, stack, name, more, message):
    stack("create", Table=(properties(name), "Retain"))
    with pytest.raises(ClientError, match=message):
        stack("update", Table=(properties(name, **more), "Retain"))
    assert "GlobalSecondaryIndexes" not in dynamodb.describe_table(TableName=name)["Table"]
    again = stack("update", Table=(properties(name, **with_index("team")), "Retain"))
    assert again == "UPDATE_COMPLETE"
    assert dynamodb.scan(TableName=name, IndexName="by-team")["Count"] == 0


def test_retained_table_that_leaves_the_template_stays_and_another_goes(dynamodb, stack, name):
    other = f"{name}-other"
    both = {"Kept": (properties(name), "Retain"), "Gone": (properties(other), "Delete")}
    stack("create", **both)
    stack("update")
    assert dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE"
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.describe_table(TableName=other)


def test_table_that_went_before_leaves_the_template_quietly(dynamodb, stack, name):
    stack("create", Table=(properties(name), "Delete"))
    dynamodb.delete_table(TableName=name)
    assert stack("update") == "UPDATE_COMPLETE"
