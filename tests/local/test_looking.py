"""The thread behind what the local cloud looks at again and again."""

from threading import Event

import pytest

from local.looking import Looking

PATIENCE = 10.0


def test_a_look_that_fails_is_logged_and_followed_by_the_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    again, looks = Event(), []

    def look() -> None:
        looks.append(len(looks))
        if len(looks) == 1:
            raise RuntimeError("no such queue")
        again.set()

    looking = Looking(look, every=0.001, at="queues")
    looking.start()
    assert again.wait(PATIENCE)
    looking.close()
    assert "a look at the queues failed" in caplog.text
    assert "no such queue" in caplog.text


def test_a_look_that_is_closed_is_over() -> None:
    looked, looks = Event(), []

    def look() -> None:
        looks.append(1)
        looked.set()

    looking = Looking(look, every=0.001, at="queues")
    looking.start()
    assert looked.wait(PATIENCE)
    looking.close()
    assert not looking._thread.is_alive()
