"""Everything around the tables: documents, workflows, queues, alarms, people, time."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from shared.model.alarms import Alarm
from shared.model.figures import Figures
from shared.model.key import Key
from shared.model.runs import RunKind


class Archive(Protocol):
    """Documents kept for people and for the workflow: reports, segment lists, long key lists."""

    def store(self, name: str, document: Any) -> str:
        """Store a JSON document and return its URI."""
        ...

    def load(self, uri: str) -> Any:
        """Return the JSON document at a URI; raise InvalidInput when it cannot be read."""
        ...

    def holds(self, uri: str, prefix: str) -> bool:
        """Tell whether a URI names something of this archive whose name begins so."""
        ...


class Snapshots(Protocol):
    """Records as they were before a migration changed them, kept for a limited time."""

    def store(self, name: str, document: Any) -> None:
        """Store a JSON document under a name that was never used before."""
        ...

    def load(self, name: str) -> Any:
        """Return the document of a name; raise NotFound when there is none, or no longer."""
        ...


class Executions(Protocol):
    """The workflows that runs belong to."""

    def running(self, execution: str) -> bool:
        """Tell whether an execution is still under way."""
        ...

    def start(self, kind: RunKind, given: Mapping[str, Any], name: str) -> None:
        """Start the migration's workflow of a kind; a name that was used before starts none."""
        ...

    def wake(self, waiter: str, gate: str) -> None:
        """Let a workflow that waits at a gate go on; one that has ended is no error."""
        ...


class KeyQueue(Protocol):
    """Source keys of records that somebody is to look at later, each perhaps more than once."""

    def ask(self, keys: Sequence[Key]) -> None:
        """Put keys into the queue; when it raises, some may be in it."""
        ...

    def waiting(self) -> int:
        """Return about how many keys are queued or being worked on."""
        ...


class Alarms(Protocol):
    """The alarms that watch a migration."""

    def look(self, names: Sequence[str]) -> Mapping[str, Alarm]:
        """Return the alarms of these names as they are now; one that is not there is left out."""
        ...


class DeadLetters(Protocol):
    """Messages that no function could handle, in queues of their own, until a person looks."""

    def waiting(self) -> Mapping[str, int]:
        """Return about how many there are by the name of their queue; empty ones are left out."""
        ...


class Notifications(Protocol):
    """Word to the people who watch a migration."""

    def publish(self, subject: str, body: str) -> None:
        """Tell whoever has subscribed; raise a StoreError when it may not have been taken."""
        ...


class Measurements(Protocol):
    """What the callers of a migration's API see of it, by its metrics."""

    def figures(self, since: float, until: float) -> Figures:
        """Return what they saw between two times; raise a StoreError when nobody can tell."""
        ...


class Clock(Protocol):
    """Time, and waiting for it."""

    def wall(self) -> float:
        """Return the time of day in epoch seconds; it may jump."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards, but may stand still while frozen."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Ids(Protocol):
    """Fresh identifiers."""

    def new(self) -> str:
        """Return an id that was never returned before."""
        ...
