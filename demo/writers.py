"""Writers that never stop: they create, update, delete and re-create through the API."""

import random
import threading
import time
from collections.abc import Iterable

from demo.book import Book
from demo.stage import Answer, Stage
from demo.subjects import EMPLOYEES, Subject
from shared.model.item import Item

KEYS = 40
"""Records of its own that each writer works on; so their order is known to the book."""

BUSY = frozenset({429, 500, 502, 503, 504})
"""Answers after which the outcome must be found out."""


class Writers:
    """Several writers with one switch: quiet while everything is counted, busy otherwise."""

    def __init__(
        self, stage: Stage, book: Book, count: int, seed: int, subject: Subject = EMPLOYEES
    ) -> None:
        self._stage = stage
        self._subject = subject
        self._book = book
        self._token = stage.token()
        self._stop = threading.Event()
        self._go = threading.Event()
        self._idle = [threading.Event() for _ in range(count)]
        self._threads = [
            threading.Thread(target=self._work, args=(number, random.Random(seed + number)))  # noqa: S311 - traffic, not secrets
            for number in range(count)
        ]
        self.crash: BaseException | None = None
        self.v2_only = False

    def start(self) -> None:
        """Begin to write."""
        self._go.set()
        for thread in self._threads:
            thread.start()

    def pause(self) -> None:
        """Return once no writer has a request under way."""
        self._go.clear()
        for idle, thread in zip(self._idle, self._threads, strict=True):
            while thread.is_alive() and not idle.wait(0.1):
                pass

    def go_on(self) -> None:
        """Write again."""
        for idle in self._idle:
            idle.clear()
        self._go.set()

    def stop(self) -> None:
        """End all writers."""
        self._stop.set()
        self._go.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def check(self) -> None:
        """Raise what ended a writer, if anything did."""
        if self.crash is not None:
            raise RuntimeError(f"a writer met what it must never meet: {self.crash}")

    def _work(self, number: int, chance: random.Random) -> None:
        serial = 0
        try:
            while not self._stop.is_set():
                if not self._go.is_set():
                    self._idle[number].set()
                    self._go.wait()
                    continue
                serial += 1
                self._write_one(f"W{number}-{chance.randrange(KEYS)}", serial, chance)
                time.sleep(chance.uniform(0.0, 0.1))
        except BaseException as error:
            self.crash = error
            raise

    def _write_one(self, record_id: str, serial: int, chance: random.Random) -> None:
        known, subject = self._book.current(record_id), self._subject
        path = f"{subject.path}/{record_id}"
        if known is None or known.body is None:
            body = self._fields(record_id, serial, chance) | {subject.id_field: record_id}
            body |= subject.created(record_id)
            self._note(record_id, serial, self._stage.call("POST", subject.path, self._token, body))
        elif chance.random() < 0.15:
            self._note(record_id, serial, self._stage.call("DELETE", path, self._token))
        else:
            body = self._fields(record_id, serial, chance)
            answer = self._stage.call("PATCH", path, self._token, body)
            self._note(record_id, serial, answer, body)

    def _fields(self, record_id: str, serial: int, chance: random.Random) -> Item:
        return self._subject.fields(record_id, serial, chance, self.v2_only)

    def _note(self, record_id: str, serial: int, answer: Answer, asked: Iterable[str] = ()) -> None:
        if answer.status in (200, 201):
            self._book.acknowledge(record_id, answer.body, answer.version, asked)
        elif answer.status == 204:
            self._book.acknowledge(record_id, None, 0)
        elif answer.status in BUSY or self._after_a_lost_answer(answer):
            self._find_out(record_id)
        else:
            raise RuntimeError(f"{record_id} write {serial}: {answer.status} {answer.body}")

    def _after_a_lost_answer(self, answer: Answer) -> bool:
        """Tell whether the phase went back between choosing the fields and writing them."""
        return answer.status == 409 and answer.body.get("code") == "not_in_phase"

    def _find_out(self, record_id: str) -> None:
        """Wait until no request can still be on its way, then read what came of it."""
        time.sleep(3.0)
        while True:
            answer = self._stage.call("GET", f"{self._subject.path}/{record_id}", self._token)
            if answer.status in (200, 404):
                found = answer.body if answer.status == 200 else None
                self._book.settle(record_id, found, answer.version)
                return
            time.sleep(0.5)
