"""The watch of both streams, switched on and off as an operator would."""

from typing import Any

from tests.e2e.cloud import Cloud

FUNCTION = "cutover-personnel-watch-writes"


def watch_streams(cloud: Cloud) -> None:
    """Have the streams of v1 and v2 watched; a table that was made again has another stream."""
    for stream in _streams(cloud):
        if stream not in [each["EventSourceArn"] for each in _mappings(cloud)]:
            cloud.client("lambda").create_event_source_mapping(
                EventSourceArn=stream,
                FunctionName=FUNCTION,
                StartingPosition="TRIM_HORIZON",
                FunctionResponseTypes=["ReportBatchItemFailures"],
            )
    _switch(cloud, on=True)


def leave_streams_alone(cloud: Cloud) -> None:
    """Switch the watch off, so that what it would mend is there for somebody else to find."""
    _switch(cloud, on=False)


def _switch(cloud: Cloud, *, on: bool) -> None:
    for each in _mappings(cloud):
        cloud.client("lambda").update_event_source_mapping(UUID=each["UUID"], Enabled=on)


def _streams(cloud: Cloud) -> list[str]:
    client = cloud.client("dynamodb")
    return [
        client.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        for table in (cloud.v1, cloud.v2)
    ]


def _mappings(cloud: Cloud) -> list[dict[str, Any]]:
    listed = cloud.client("lambda").list_event_source_mappings(FunctionName=FUNCTION)
    return list(listed["EventSourceMappings"])
