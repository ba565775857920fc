"""Timestamps for Wait states: never before the time that is meant."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from functions.times import timestamp


def test_timestamp_when_whole_is_exact():
    assert timestamp(0) == "1970-01-01T00:00:00.000Z"
    assert timestamp(1_795_230_103.0) == "2026-11-21T03:01:43.000Z"


@given(st.floats(min_value=0, max_value=4_000_000_000))
def test_timestamp_when_rounded_is_never_early_and_at_most_a_millisecond_late(at):
    shown = datetime.fromisoformat(timestamp(at)).timestamp()
    assert -1e-6 < shown - at < 0.001001
