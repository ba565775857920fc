"""What a mutant is, and how it is put in the engine's place for a while."""

import builtins
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import shared.engine.commit as commit
from prove.clients import Wish
from prove.scenarios import Plan
from prove.steps import Step
from shared.model.item import Item
from shared.model.phases import Phase

Patch = tuple[object, Any, Any]


OFF, DUAL, READ_N = "OFF–DUAL", "DUAL–DUAL", "DUAL–READ_N"
READ_V2, ALONE = "READ_N–READ_V2", "READ_V2–WRITE_V2_ONLY"
ALL = "all the way"
FIRST, FIRST_DUAL = "OFF–DUAL_AF", "DUAL_AF–DUAL"
FIRST_V2, FIRST_ALONE = "READ_V2–V2_AF", "V2_AF–WRITE_V2_ONLY"


DUALS = (OFF, DUAL, READ_N, READ_V2)


FOREVER = property(lambda _operation: False)


V1_CHECKED = "the condition on v1's leg, in the same transaction"
"""v2 holds nothing that v1 has not had, so v1 as read is enough where all of v2's row goes."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule removed: its name, what is patched, and where the lack may show."""

    name: str
    patches: tuple[Patch, ...]
    families: tuple[str, ...]
    plan: Plan | None = None
    """A scenario in which the lack shows soon; the seeds then only decide about its order."""
    implied: str = ""
    """What stands in for the rule, so that its lack alone cannot show (docs/correctness.md)."""
    both: tuple[str, ...] = ()
    """The mutants that lack the rule and what stands in for it."""


@contextmanager
def applied(mutant: Mutant) -> Iterator[None]:
    """Run the engine without the rule."""
    with ExitStack() as stack:
        for owner, name, value in mutant.patches:
            stack.enter_context(patched(owner, name, value))
        yield


@contextmanager
def patched(owner: Any, name: Any, value: Any) -> Iterator[None]:
    """Replace one name of a module or class, or one entry of a dict, for a while."""
    entries = owner if isinstance(owner, dict) else vars(owner)
    had, before = name in entries, entries.get(name)
    if not had and not hasattr(builtins, str(name)):
        raise AttributeError(f"{owner} has no {name}: the mutant removes nothing")
    if isinstance(owner, dict):
        owner[name] = value
    else:
        setattr(owner, name, value)
    try:
        yield
    finally:
        if isinstance(owner, dict):
            owner[name] = before
        elif had:
            setattr(owner, name, before)
        else:
            delattr(owner, name)


def plan(
    opening: tuple[Phase, str], path: tuple[Step, ...], *clients: list[Wish], **more: Any
) -> Plan:
    """Return a scenario with these clients."""
    return Plan((*opening, ""), path, clients=list(clients), **more)


def asks(*what: str, after: float = 0.0, how: str = "") -> list[Wish]:
    """Return what one client asks for, the last thing after some seconds."""
    wishes = [Wish(each, "a") for each in what]
    return [*wishes[:-1], Wish(what[-1], "a", how, after)]


def never(*_given: Any) -> None:
    """Find nothing missing."""


_REAL_COMMIT = commit.commit


def commit_changed(change: Callable[[Any, list[Any]], list[Any]]) -> Callable[..., None]:
    """Return a commit of other actions than it was given."""

    def changed(world: Any, operation: Any, actions: Sequence[Any]) -> None:
        _REAL_COMMIT(world, operation, change(operation, list(actions)))

    return changed


def keep_never(migration: Any, image: Item, stored: Item | None) -> Item:  # noqa: ARG001
    """Keep nothing that only v2 has."""
    return image


def keep_always(migration: Any, image: Item, stored: Item | None) -> Item:
    """Keep what only v2 has, of whatever incarnation."""
    kept = {name: (stored or {})[name] for name in migration.target_only if name in (stored or {})}
    return {**image, **kept}
