"""The watch of both streams, taken up again after a table was made anew."""

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


def _streams(cloud: Cloud) -> list[str]:
    client = cloud.client("dynamodb")
    return [
        client.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        for table in (cloud.v1, cloud.v2)
    ]


def _mappings(cloud: Cloud) -> list[dict[str, Any]]:
    listed = cloud.client("lambda").list_event_source_mappings(FunctionName=FUNCTION)
    return list(listed["EventSourceMappings"])
