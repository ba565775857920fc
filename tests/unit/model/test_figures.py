"""Figures against those before the migration: slower, faster, or not to be told."""

import pytest

from shared.model.figures import Comparison, Figures, Latency, compared, figures_document


def latency(p95: float) -> Latency:
    return Latency(p95 / 2, p95, 100)


def test_a_tenth_slower_is_ten_per_cent_and_errors_are_in_points() -> None:
    before = Figures(0, 60, 1000, 5, reads_v1=latency(10), writes=latency(20))
    now = Figures(60, 120, 500, 5, reads_v1=latency(10), reads_v2=latency(11), writes=latency(15))
    assert compared(now, before) == Comparison(
        reads=pytest.approx(10),
        writes=pytest.approx(-25),
        errors=pytest.approx(0.5),
        v2_to_v1=pytest.approx(10),
    )


def test_without_data_nothing_is_compared() -> None:
    nothing = Comparison(None, None, None, None)
    some = Figures(0, 60, 10, 1, reads_v1=latency(10), writes=latency(10))
    assert compared(Figures(0, 60), some) == nothing
    assert compared(some, None) == nothing
    assert compared(some, Figures(0, 60)) == nothing
    assert Figures(0, 60).error_rate is None


def test_before_any_reader_is_on_v2_the_reads_are_v1s() -> None:
    assert Figures(0, 1, reads_v1=latency(7)).reads == latency(7)
    assert Figures(0, 1, reads_v1=latency(7), reads_v2=latency(9)).reads == latency(9)


def test_a_document_holds_times_as_text_and_the_comparison() -> None:
    document = figures_document(Figures(0, 60, 4, 1), Figures(0, 60, 4, 0))
    assert document["since"] == "1970-01-01T00:00:00.000+00:00"
    assert (document["error_rate"], document["compared"]["errors"]) == (25.0, 25.0)
    assert document["reads_v2"] is None
