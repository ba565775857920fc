"""How long phases are watched: by phase, and by the share of the keys that is in one."""

import pytest

from shared.model.environment import LOCAL, Soak
from shared.model.phases import Phase

DAY = 86400.0
ROLLOUT = Soak(ramp=2 * DAY, write_new=3 * DAY, read_both=60.0)


@pytest.mark.parametrize(("percent", "days"), [(10, 2), (50, 2), (100, 3)])
def test_writes_in_the_new_shape_are_watched_for_their_days_at_each_share(percent, days):
    assert ROLLOUT.after(Phase.WRITE_NEW, percent) == days * DAY


def test_readers_of_both_shapes_are_watched_before_the_first_record_is_in_the_new_one():
    assert ROLLOUT.after(Phase.READ_BOTH, 0) == 60.0


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.DUAL_WRITE, Phase.VALIDATE, Phase.DONE])
def test_phases_that_wait_for_work_or_for_nothing_have_no_watch(phase):
    assert ROLLOUT.after(phase, 100) == 0.0


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("percent", [1, 100])
def test_on_a_laptop_every_watch_is_of_seconds(phase, percent):
    assert LOCAL.soak.after(phase, percent) <= 2.0
