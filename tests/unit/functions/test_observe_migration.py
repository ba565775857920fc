"""The observer's function: its answer, and the one line of metrics that it prints."""

import json

from functions.observe_migration.handler import handler
from tests.unit.functions.invocation import Context


def test_a_tick_when_delivered_tells_every_gauge_in_one_line(deployed_world, capsys):
    told = handler({"id": "1", "source": "aws.events"}, Context())["gauges"]
    [line] = [line for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    printed = json.loads(line)
    assert {name: printed[name] for name in told} == {name: [0.0] for name in told}
    assert "CheckpointAge" in told
    [declared] = printed["_aws"]["CloudWatchMetrics"]
    assert declared["Namespace"] == "Cutover"
    assert declared["Dimensions"] == [["migration", "service"]]
    units = {each["Name"]: each["Unit"] for each in declared["Metrics"]}
    assert units["CertificateAge"] == "Seconds"
