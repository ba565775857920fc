"""Times as an operator reads them."""

import pytest

from cli.times import about, distance, moment, seconds_of, span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (41, "41 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (90061, "1 d 1 h"),
        (14 * 86400, "14 d"),
    ],
)
def test_a_duration_when_shown_expects_its_two_largest_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (90, "90 s"), (149, "2 min"), (3700, "62 min"), (9000, "2 h"), (200_000, "2 d")],
)
def test_a_forecast_when_shown_expects_one_unit_since_more_would_be_a_pretence(
    seconds: float, words: str
) -> None:
    assert about(seconds) == words


def test_a_time_when_shown_expects_utc_and_how_far_it_is() -> None:
    assert moment(1_800_000_000) == "2027-01-15 08:00:00Z"
    assert distance(100, 40) == "in 1 min"
    assert distance(40, 100) == "1 min ago"
    assert distance(100, 100.4) == "now"


def test_a_time_when_read_back_from_a_report_expects_the_same_second() -> None:
    assert seconds_of("2027-01-15T08:00:00.000+00:00") == 1_800_000_000
