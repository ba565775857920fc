"""Stacks: their names and outputs, the archive, and what they never do to each other."""

import json
from dataclasses import replace

import pytest

from infra.application import add_stacks
from shared import catalogue
from shared.model.environment import LOCAL
from shared.model.errors import InvalidInput
from tests.in_place import toy
from tests.infra.assembly import small_layer, synthesise


def test_stacks_when_synthesised_are_one_control_and_four_per_migration(everything):
    kinds = ("Data", "Api", "Workflow", "Observability")
    wanted = {f"Cutover-{each.capitalize()}-{kind}" for each in catalogue.names() for kind in kinds}
    assert set(everything.stacks) == {"Cutover-Control"} | wanted


def test_outputs_when_synthesised_are_those_operators_rely_on(local):
    control, workflow = (
        local.outputs("Cutover-Control"),
        local.outputs("Cutover-Personnel-Workflow"),
    )
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:cutover-personnel-"
    assert control == {
        "ControlTableName": "cutover-control",
        "LedgerTableName": "cutover-ledger",
        "ArchiveBucketName": "cutover-archive-123456789012-us-east-1",
        "NotificationsTopicArn": "arn:aws:sns:us-east-1:123456789012:cutover-notifications",
    }
    assert set(local.outputs("Cutover-Personnel-Data")) == {"SourceTableName", "TargetTableName"}
    assert set(local.outputs("Cutover-Personnel-Api")) == {"ApiUrl"}
    observed = local.outputs("Cutover-Personnel-Observability")
    assert observed == {"DashboardName": "cutover-personnel"}
    assert workflow == {
        f"{kind.capitalize()}StateMachineArn": machine + kind
        for kind in ("migrate", "backfill", "validate", "rollback")
    }


def test_stacks_when_synthesised_neither_export_nor_import(production):
    for template in production.stacks.values():
        assert "Fn::ImportValue" not in json.dumps(template)
        assert not [each for each in template["Outputs"].values() if "Export" in each]


def test_stacks_when_deployed_come_after_the_tables_they_need(production):
    manifest = json.loads((production.folder / "manifest.json").read_text())
    for name in ("Cutover-Personnel-Api", "Cutover-Personnel-Workflow"):
        needed = set(manifest["artifacts"][name]["dependencies"])
        assert {"Cutover-Control", "Cutover-Personnel-Data"} <= needed


def test_stacks_when_synthesised_ask_for_no_bootstrap_version(production):
    for template in production.stacks.values():
        assert "BootstrapVersion" not in template.get("Parameters", {})


def test_stacks_when_synthesised_name_the_account_of_the_environment(production):
    manifest = json.loads((production.folder / "manifest.json").read_text())
    places = {
        each["environment"]
        for each in manifest["artifacts"].values()
        if each["type"] == "aws:cloudformation:stack"
    }
    assert places == {"aws://210987654321/eu-central-1"}


@pytest.mark.parametrize(
    ("account", "region", "said"),
    [
        ("999999999999", "us-east-1", "no environment for account 999999999999 in us-east-1"),
        ("123456789012", "eu-west-3", "no environment for account 123456789012 in eu-west-3"),
        (None, "us-east-1", "the account and region are unknown"),
        ("123456789012", None, "the account and region are unknown"),
    ],
)
def test_synthesis_when_the_account_is_unknown_is_refused(
    tmp_path, personnel, account, region, said
):
    from aws_cdk import App

    with pytest.raises(InvalidInput, match=said) as refused:
        add_stacks(
            App(),
            migrations=[personnel],
            account=account,
            region=region,
            layer=small_layer(tmp_path),
        )
    assert refused.value.mend


def test_a_table_when_two_migrations_would_make_it_is_refused(tmp_path):
    twin = replace(toy.MIGRATION, name="twin", reference=None)
    with pytest.raises(InvalidInput, match="notes and twin would both make") as refused:
        synthesise(tmp_path, [toy.MIGRATION, twin], LOCAL)
    assert refused.value.mend


def test_archive_when_synthesised_is_versioned_private_and_encrypted(production):
    [bucket] = production.whole("AWS::S3::Bucket")
    properties = bucket["Properties"]
    [encryption] = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert bucket["DeletionPolicy"] == "Retain"
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    [owner] = properties["OwnershipControls"]["Rules"]
    assert owner == {"ObjectOwnership": "BucketOwnerEnforced"}


def test_archive_when_synthesised_refuses_open_connections(production):
    [(_, policy)] = production.resources("AWS::S3::BucketPolicy")
    denied = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
    assert denied[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def rules(assembly):
    [(_, bucket)] = assembly.resources("AWS::S3::Bucket")
    return bucket["LifecycleConfiguration"]["Rules"]


def expiring(assembly):
    """Return the days after which objects go, by their prefix."""
    return {
        each["Prefix"]: each["ExpirationInDays"]
        for each in rules(assembly)
        if "ExpirationInDays" in each
    }


def test_archive_when_objects_age_drops_snapshots_and_half_uploads_only(production, in_place):
    assert expiring(production) == {"snapshots/": 365}
    assert expiring(in_place) == {"snapshots/notes/": 45, "snapshots/": 365}
    for each in rules(in_place):
        assert each["Status"] == "Enabled"
        assert ("AbortIncompleteMultipartUpload" in each) != ("ExpirationInDays" in each)
        if "ExpirationInDays" in each:
            assert each["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_snapshots_when_declared_to_be_kept_for_long_are_not_taken_for_forgotten(tmp_path):
    declared = replace(toy.MIGRATION, snapshot_days=500)
    assert expiring(synthesise(tmp_path, [declared], LOCAL))["snapshots/"] == 500
