"""AWS's time on a machine whose own clock is wrong."""

from dataclasses import dataclass, replace
from email.utils import formatdate

import pytest
from botocore.awsrequest import HeadersDict

from shared.aws.server_time import ServerClock
from shared.engine.cutover import move_by_hand
from shared.memory.clock import MemoryClock
from shared.model.errors import GuardRefused
from shared.model.phases import Phase
from shared.ports import Clock
from tests.unit.engine.conductor import Conductor, legacy, stage

HOUR = 3600.0


@dataclass
class Wrong:
    """A clock that is off by so many seconds."""

    right: Clock
    off: float

    def wall(self) -> float:
        return self.right.wall() + self.off

    def monotonic(self) -> float:
        return self.right.monotonic()

    def sleep(self, seconds: float) -> None:
        self.right.sleep(seconds)


def told(clock: ServerClock, own: Clock, server: Clock, takes: float = 0.1) -> None:
    """Let a clock hear one answer of a server that takes so long there and back."""
    asked = own.wall()
    server.sleep(takes / 2)
    date = float(int(server.wall()))
    server.sleep(takes / 2)
    clock.hear(date, asked, own.wall())


@pytest.mark.parametrize("off", [-1.5, -0.6, -0.2, 0.2, 0.6, 1.5])
def test_a_clock_when_it_is_a_little_wrong_expects_it_never_made_worse(off: float) -> None:
    server = MemoryClock()
    own = Wrong(server, off)
    clock = ServerClock(own)
    for _ in range(9):
        told(clock, own, server)
        assert abs(clock.wall() - server.wall()) <= abs(off) + 1e-6
        server.sleep(0.13)


@pytest.mark.parametrize("off", [0.0, 0.3])
def test_a_clock_when_it_may_be_right_expects_it_left_alone(off: float) -> None:
    server = MemoryClock()
    own = Wrong(server, off)
    clock = ServerClock(own)
    told(clock, own, server)
    assert clock.offset == 0.0
    assert clock.wall() == own.wall()


@pytest.mark.parametrize("off", [HOUR, -HOUR, 3.0, -3.0])
def test_a_clock_when_it_is_wrong_expects_the_time_of_the_server(off: float) -> None:
    server = MemoryClock()
    own = Wrong(server, off)
    clock = ServerClock(own)
    for _ in range(12):
        told(clock, own, server)
        server.sleep(0.07)
    assert clock.wall() == pytest.approx(server.wall(), abs=0.3)


def test_a_clock_when_nothing_was_heard_expects_its_own_time() -> None:
    own = Wrong(MemoryClock(), HOUR)
    assert ServerClock(own).wall() == own.wall()


def test_a_clock_when_it_is_set_meanwhile_expects_what_is_heard_then() -> None:
    server = MemoryClock()
    own = Wrong(server, HOUR)
    clock = ServerClock(own)
    told(clock, own, server)
    own.off = 0.0
    told(clock, own, server)
    assert clock.offset == 0.0


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}])
def test_an_answer_when_it_tells_no_time_expects_nothing_learned(headers: dict[str, str]) -> None:
    clock = ServerClock(Wrong(MemoryClock(), HOUR))
    clock._sent()
    clock._received(response_dict={"headers": HeadersDict(headers)})
    clock._received(response_dict=None, exception=OSError("no answer"))
    assert clock.offset == 0.0


def test_an_answer_when_it_comes_through_boto3_expects_its_date_read() -> None:
    server = MemoryClock()
    clock = ServerClock(Wrong(server, -HOUR))
    clock._sent(request="a request")
    date = {"Date": formatdate(server.wall(), usegmt=True)}
    clock._received(response_dict={"headers": HeadersDict(date)})
    assert clock.offset == pytest.approx(HOUR, abs=1.0)


# -- a move by hand


def unsettled(off: float, *, heard: bool) -> Conductor:
    """Return a migration that has just left DUAL_WRITE, on an operator's machine that is off."""
    conductor = stage(legacy("a"), phase=Phase.DUAL_WRITE)
    conductor.rollback()
    server = conductor.parts.clock
    own = Wrong(server, off)
    clock = ServerClock(own)

    def answer(call: str) -> None:
        if heard:
            told(clock, own, server, takes=0.0)

    listening = conductor.watched(after=answer, port="control")
    return replace(listening, world=replace(listening.world, clock=clock))


def missing_of(conductor: Conductor) -> tuple[str, ...]:
    with pytest.raises(GuardRefused) as refusal:
        move_by_hand(conductor.world, Phase.DUAL_WRITE, None, actor="ada", reason="why not")
    return refusal.value.missing


def test_a_move_by_hand_when_the_laptop_is_ahead_expects_the_settle_time_to_hold() -> None:
    assert missing_of(unsettled(HOUR, heard=False)) == ("dry_run",)  # what would happen without
    assert missing_of(unsettled(HOUR, heard=True)) == ("settled", "dry_run")


def test_a_move_by_hand_when_the_laptop_is_behind_expects_the_time_of_aws_on_it() -> None:
    conductor = unsettled(-HOUR, heard=True)
    conductor.settle()
    conductor.dry_run()
    moved = move_by_hand(conductor.world, Phase.DUAL_WRITE, None, actor="ada", reason="go")
    assert moved.since == pytest.approx(conductor.parts.clock.wall(), abs=1.1)
    assert conductor.world.ledger.audit("personnel", 1)[0].at == pytest.approx(moved.since)
