"""The `Date` of real answers, on every engine that speaks HTTP."""

import time

from shared.aws.server_time import ServerClock
from shared.aws.system import SystemClock
from tests.contract.server_cloud import ServerCloud

HOUR = 3600.0


class LateClock(SystemClock):
    """A machine that is an hour behind."""

    def wall(self) -> float:
        return super().wall() - HOUR


def test_a_machine_an_hour_behind_learns_the_time_from_one_answer(cloud: ServerCloud) -> None:
    clock = ServerClock(LateClock())
    clock.listen(cloud.dynamodb)
    assert clock.wall() < time.time() - HOUR / 2
    cloud.dynamodb.list_tables(Limit=1)
    assert abs(clock.wall() - time.time()) < 60
