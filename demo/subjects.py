"""What a demo writes and reads: one migration's resource, its bodies, and its records as shown."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from migrations.campaigns import migration as campaigns
from migrations.campaigns import sample as campaign_sample
from migrations.events import migration as events
from migrations.events import sample as event_sample
from migrations.personnel import migration as personnel
from shared.engine.images import view
from shared.model.declaration import Decision, Migration
from shared.model.in_place import Found, InPlace
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.writes import Side

SEED = 20261121
RECORDS = 600
"""Old records that lie in a table when the curtain rises."""

TEMPLATES = 60
"""Made-up records after which writers make theirs."""

Fields = Callable[[str, int, random.Random, bool], Item]
"""Returns what a writer says of a record, by its id, the write's number, chance, and whether
what only the new shape holds may be said."""


@dataclass(frozen=True)
class Subject:
    """One migration as its writers and readers see it; `path` is its resource in the API.

    `created` is said of a new record beside its fields, and `shown` gives a stored item of a
    table in the shape that callers see.
    """

    migration: Migration
    fields: Fields
    shown: Callable[[Side, Item], Item]
    created: Callable[[str], Item] = field(default=lambda _id: {})
    target_only: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """Return the path of the resource."""
        return "" if self.migration.api is None else f"/{self.migration.api.resource}"

    @property
    def id_field(self) -> str:
        """Return the attribute that a record's id is in."""
        return "" if self.migration.api is None else self.migration.api.id_field

    def kept(self, phase: Phase) -> list[Side]:
        """Return the tables that must hold every acknowledged write in a phase."""
        paired = phase.dual and Side.TARGET in self.migration.tables
        return [Side.SOURCE, Side.TARGET] if paired else [phase.primary]


# -- employees


def _employee(employee_id: str, serial: int, chance: random.Random, v2_only: bool) -> Item:
    fields: Item = {
        "full_name": f"Élodie {employee_id} Müller",
        "team_id": f"TEAM-{chance.randrange(5)}",
        "status": chance.choice(["active", "inactive"]),
        "role": chance.choice(["user", "lead", "admin"]),
        "hourly_rate": Decimal(chance.randrange(1000, 9000)) / 100,
        "serial": Decimal(serial),
    }
    if v2_only:
        fields["hours_week"] = Decimal(chance.randrange(60))
    return fields


EMPLOYEES = Subject(
    migration=personnel.MIGRATION,
    fields=_employee,
    shown=lambda side, item: view(personnel.MIGRATION, side, item),
    target_only=personnel.MIGRATION.target_only,
)


# -- in place


def _shown(migration: InPlace, found: Callable[[Item], Found]) -> Callable[[Side, Item], Item]:
    def shown(_side: Side, stored: Item) -> Item:
        own = migration.stamps.strip(stored)
        return own if migration.upgraded(own) else migration.up(own, found(own))

    return shown


def _no_reference(_own: Item) -> Found:
    return ()


_PAYLOADS = [
    {"provider": each.get("provider"), "event_data": each["event_data"]}
    for each in event_sample.generate(SEED, TEMPLATES)
    if each.get("provider")
]


def _event(_id: str, serial: int, chance: random.Random, _new_only: bool) -> Item:
    return {
        "occurred_at": f"2026-0{1 + chance.randrange(9)}-11T08:{serial % 60:02d}:00Z",
        "serial": Decimal(serial),
    }


def _event_created(event_id: str) -> Item:
    number = sum(map(ord, event_id))
    return {"account_id": f"acc-{number % 12}", **_PAYLOADS[number % len(_PAYLOADS)]}


EVENTS = Subject(
    migration=events.MIGRATION,
    fields=_event,
    shown=_shown(events.MIGRATION, _no_reference),
    created=_event_created,
)

INTEGRATIONS = campaign_sample.integrations(SEED, RECORDS)


def _account_of(own: Item) -> Found:
    return [each for each in INTEGRATIONS if each["account_id"] == own.get("account_id")]


_FED: list[Item] = [
    {name: shown[name] for name in ("account_id", "data_sources", "native_config") if name in shown}
    for old in campaign_sample.generate(SEED, TEMPLATES)
    if campaigns.MIGRATION.classify(old, _account_of(old)).decision is Decision.TRANSFORM
    for shown in [campaigns.MIGRATION.up(old, _account_of(old))]
]


def _campaign(campaign_id: str, serial: int, chance: random.Random, _new_only: bool) -> Item:
    return {
        "name": f"Été {campaign_id} {serial}",
        "status": chance.choice(["active", "paused", "draft"]),
        "serial": Decimal(serial),
    }


def _campaign_created(campaign_id: str) -> Item:
    return dict(_FED[sum(map(ord, campaign_id)) % len(_FED)])


CAMPAIGNS = Subject(
    migration=campaigns.MIGRATION,
    fields=_campaign,
    shown=_shown(campaigns.MIGRATION, _account_of),
    created=_campaign_created,
)

SUBJECTS: Mapping[str, Subject] = {
    each.migration.name: each for each in (EMPLOYEES, EVENTS, CAMPAIGNS)
}


def old_records(subject: Subject, count: int, doubtful: int) -> Sequence[Item]:
    """Return made-up records in the old shape, of which the last ones are in doubt."""
    generate = event_sample.generate if subject is EVENTS else campaign_sample.generate
    return list(generate(SEED, count, doubtful=doubtful))
