"""The integrations of an account: which one a source means, and what the campaign keeps of it."""

from collections.abc import Sequence

from migrations.campaigns import legacy
from migrations.campaigns.kinds import NATIVE, kind_in
from migrations.campaigns.legacy import Named
from shared.model.declaration import Candidate
from shared.model.in_place import Found
from shared.model.item import Item

ENABLED = ("active", "connected")
KEPT = ("shop_domain", "account_name", "connected_at", "event_kinds")
"""What a campaign keeps of an integration's metadata; tokens and addresses stay where they are."""

CANDIDATES = 25
"""How many candidates a person is shown at most; any other integration can be named by value."""


def of_account(item: Item, found: Found) -> list[Item]:
    """Return the usable integrations of a campaign's own account, ordered by their ids."""
    own = (each for each in found if each.get("account_id") == item.get("account_id"))
    usable = (each for each in own if _id(each) and kind_in(each.get("provider")) not in _UNUSABLE)
    return sorted(usable, key=_id)


def near(own: Sequence[Item], named: Named) -> list[Item]:
    """Return the integrations that a legacy source may mean; the one of its id comes first."""
    by_provider = (each for each in own if kind_of(each) in named.kinds)
    by_id = (each for each in own if _id(each) == named.integration_id)
    meant = {_id(each): each for each in (*by_id, *by_provider)}
    return list(meant.values())


def with_id(own: Sequence[Item], integration_id: str) -> Item | None:
    """Return the integration of this id, if the account has it."""
    return next((each for each in own if _id(each) == integration_id), None)


def kind_of(integration: Item) -> str:
    """Return an integration's provider."""
    return kind_in(integration.get("provider"))


def enabled(integration: Item) -> bool:
    """Tell whether an integration is switched on; one that says nothing is."""
    return integration.get("status", "active") in ENABLED


def source_of(integration: Item, named: Named) -> Item:
    """Return the entry of `data_sources` for an integration that a legacy source means.

    What was looked up once is kept as it was: an integration that was renamed since must not
    make the campaign read differently after a way down and up again.
    """
    metadata = named.metadata if named.metadata is not None else _metadata(integration)
    return {
        "integration_id": _id(integration),
        "provider": kind_of(integration),
        "metadata": metadata,
        "settings": named.settings,
    }


def candidates(integrations: Sequence[Item], settings: Item) -> tuple[Candidate, ...]:
    """Return each integration as an answer, with the legacy source that would name it."""
    return tuple(_candidate(each, settings) for each in integrations[:CANDIDATES])


def _candidate(integration: Item, settings: Item) -> Candidate:
    kind = kind_of(integration)
    source = {**settings, "provider": kind, "integration_id": _id(integration)}
    state = "switched on" if enabled(integration) else "switched off"
    why = f"an integration of the account with {kind}, {state}"
    return Candidate(_id(integration), {legacy.FIELD: source}, why)


def _metadata(integration: Item) -> Item:
    known = integration.get("metadata")
    if not isinstance(known, dict):
        return {}
    return {name: known[name] for name in KEPT if name in known}


def _id(integration: Item) -> str:
    identity = integration.get("integration_id")
    return identity if isinstance(identity, str) else ""


_UNUSABLE = ("", *NATIVE)
"""A record without a provider is no integration, and a native kind has none."""
