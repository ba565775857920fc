"""Dead letters: counted by queue, of one migration, and only in queues of what failed."""

from tests.contract.engines import Engine


def test_dead_letters_are_counted_by_queue_and_empty_ones_left_out(engine: Engine) -> None:
    assert engine.dead_letters.waiting() == {}
    prefix = f"cutover-{engine.name}-"
    engine.hand.give_up(f"{prefix}one-failed", 3)
    engine.hand.give_up(f"{prefix}two-failed", 0)
    engine.hand.give_up(f"{prefix}keys", 2)
    assert engine.dead_letters.waiting() == {f"{prefix}one-failed": 3}
