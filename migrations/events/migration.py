"""The declaration of the events migration (runbook: Phase 11, event migration)."""

from collections.abc import Mapping

from migrations.events import examples, keys, models, transform
from shared.model.declaration import Api, Index, Search, TableDeclaration
from shared.model.environment import LOCAL
from shared.model.in_place import InPlace
from shared.model.item import Value
from shared.model.key import KeySchema

EVENTS = TableDeclaration(
    name="pulse-events",
    keys=keys.KEYS,
    indexes=(Index("AccountIndex", KeySchema("account_id")),),
)


def _only_value(given: Mapping[str, str]) -> tuple[Value, ...]:
    """Return the one parameter's value: the index holds the same text in both shapes."""
    return tuple(given.values())


API = Api(
    resource="events",
    id_field="event_id",
    key=keys.key_of,
    create=models.EventCreate,
    change=models.EventChange,
    record=models.Event,
    searches=(Search(("account",), "AccountIndex", "AccountIndex", _only_value),),
)

MIGRATION = InPlace(
    name="events",
    title="Events to their canonical form",
    source=EVENTS,
    up=transform.up,
    down=transform.down,
    classify=transform.classify,
    upgraded=transform.upgraded,
    derived=transform.DERIVED,
    invariants=transform.INVARIANTS,
    environments=(LOCAL,),
    api=API,
    examples=examples.EXAMPLES,
    owned_by=frozenset({"account_id"}),
)
