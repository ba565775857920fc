"""The tripwire's plumbing: which streams are read, how failures are dealt with, where they end."""

import json

MAPPING = "AWS::Lambda::EventSourceMapping"
STACK = "Cutover-Personnel-Data"


def test_streams_when_both_tables_are_made_here_are_both_read_by_the_watch(production):
    mappings = [each for _, each in production.resources(MAPPING, STACK)]
    tables = {each["EventSourceArn"]["Fn::GetAtt"][0] for each in mappings}
    assert len(mappings) == len(tables) == 2
    [function] = {each["FunctionName"]["Ref"] for each in mappings}
    assert "WatchWrites" in function


def test_adopted_source_when_watched_is_mapped_by_hand(adopted):
    [(_, mapping)] = adopted.resources(MAPPING, STACK)
    assert "Target" in mapping["EventSourceArn"]["Fn::GetAtt"][0]


def test_a_batch_when_it_fails_is_split_reported_tried_again_and_kept(production):
    for _, mapping in production.resources(MAPPING, STACK):
        assert mapping["StartingPosition"] == "TRIM_HORIZON"
        assert mapping["BisectBatchOnFunctionError"] is True
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["MaximumRetryAttempts"] == 10
        [queue, attribute] = mapping["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"]
        assert attribute == "Arn"
        assert "Failed" in queue


def test_queue_when_synthesised_is_encrypted_and_refuses_open_connections(production):
    [(name, queue)] = production.resources("AWS::SQS::Queue", STACK)
    assert queue["QueueName"] == "cutover-personnel-watch-writes-failed"
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 86400
    [(_, policy)] = production.resources("AWS::SQS::QueuePolicy", STACK)
    assert policy["Queues"] == [{"Ref": name}]
    [denied] = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_data_stack_when_deployed_comes_after_the_books(production):
    manifest = json.loads((production.folder / "manifest.json").read_text())
    assert "Cutover-Control" in manifest["artifacts"]["Cutover-Personnel-Data"]["dependencies"]
