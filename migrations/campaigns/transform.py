"""Between the two shapes of a campaign, both in one table: the runbook's `migrate-campaigns-v2`.

One function decides what takes the place of the legacy field, or why a person must say so;
`up` and `classify` both only read that decision, so they never disagree. Nothing is guessed:
where more than one integration could be meant, or none, each is a candidate for the review.

Everything here is total: it answers for every item a table can hold, whatever its types.
Reasons name fields; ids are named only where they are the account's own.
"""

from collections.abc import Sequence
from dataclasses import replace

from migrations.campaigns import integrations, legacy
from migrations.campaigns.invariants import CONFIG, SOURCES, broken
from migrations.campaigns.kinds import NATIVE, kind_in, says_nothing
from migrations.campaigns.legacy import FIELD, Named
from shared.model.declaration import TRANSFORM, Candidate, Decision, Verdict
from shared.model.in_place import Found
from shared.model.item import NESTING_LIMIT, Item, Value, nesting

_NEW = (SOURCES, CONFIG)
_TYPES: dict[str, tuple[type, str]] = {
    "account_id": (str, "text"),
    "campaign_type": (str, "text"),
    SOURCES: (list, "a list"),
    CONFIG: (dict, "a map"),
}


def upgraded(item: Item) -> bool:
    """Tell whether a campaign is in the new shape: it says so, and has no legacy field left."""
    return FIELD not in item and any(
        _holds(item, name) and isinstance(item[name], _TYPES[name][0]) for name in _NEW
    )


def up(item: Item, found: Found) -> Item:
    """Return the new shape of a campaign.

    One in doubt stays as it is, so that it can be read, with an empty list of sources.
    """
    decided = _decided(item, found)
    if isinstance(decided, Verdict):
        return {**item, SOURCES: []} if says_nothing(item.get(SOURCES)) else dict(item)
    kept = {name: value for name, value in item.items() if name not in (FIELD, *_NEW)}
    return {**kept, **decided}


def down(item: Item) -> Item:
    """Return the old shape of a campaign; several sources have none and are left out.

    Then `up(down(item))` is not the item, and nobody may store it in the old shape. The view
    of a campaign in doubt becomes the campaign in doubt again.
    """
    if FIELD in item:
        return {name: v for name, v in item.items() if name != SOURCES or not says_nothing(v)}
    source = legacy.written(item.get(SOURCES), item.get(CONFIG))
    kept = {name: v for name, v in item.items() if not (name in _NEW and _goes(name, v))}
    return kept if source is None else {**kept, FIELD: source}


def classify(item: Item, found: Found) -> Verdict:
    """Decide whether a campaign may be upgraded, and which answers a person may choose from.

    Only answers that settle the matter are offered.
    """
    decided = _decided(item, found)
    if not isinstance(decided, Verdict):
        return TRANSFORM
    settling = (
        each
        for each in decided.candidates
        if not isinstance(_decided({**item, **each.assign}, found), Verdict)
    )
    return replace(decided, candidates=tuple(settling))


def _decided(item: Item, found: Found) -> Item | Verdict:
    """Return the attributes that take the place of the legacy ones, or why that is in doubt."""
    if upgraded(item):
        return {name: item[name] for name in _NEW if name in item}
    wrong = _wrong_type(item)
    if wrong is not None:
        return wrong
    if says_nothing(item.get("account_id")):
        return _ambiguous("there is no account_id, and every campaign has one", "account_id")
    named = legacy.read(item.get(FIELD))
    if isinstance(named, Verdict):
        return named
    if any(_holds(item, name) for name in _NEW):
        return _kept(item, found)
    own = integrations.of_account(item, found)
    decided = _native(item, named, own)
    if decided is None:
        decided = _external(named, own)
    return decided if isinstance(decided, Verdict) else _within_limits(decided)


def _kept(item: Item, found: Found) -> Item | Verdict:
    """Return what is in the new shape already beside a legacy field that says nothing."""
    present = {name: item[name] for name in _NEW if _holds(item, name)}
    if not says_nothing(item.get(FIELD)):
        rivals = " and ".join(present)
        return _ambiguous(
            f"there is a {FIELD} and there is {rivals}",
            FIELD,
            Candidate(FIELD, dict.fromkeys(present), f"{rivals} is given up"),
            Candidate(rivals, {FIELD: None}, f"{FIELD} is given up"),
        )
    name = next(iter(present))
    reason = broken({**item, **present})
    if reason is not None:
        return _ambiguous(reason, name)
    own = integrations.of_account(item, found)
    for source in present.get(SOURCES, ()):
        if integrations.with_id(own, source["integration_id"]) is None:
            return _ambiguous(_unknown(SOURCES), SOURCES)
    return present


def _native(item: Item, named: Named, own: Sequence[Item]) -> Item | Verdict | None:
    """Return the configuration of a native campaign, a doubt about it, or None for others."""
    type_ = kind_in(item.get("campaign_type"))
    kinds = tuple(dict.fromkeys((*named.kinds, *(each for each in NATIVE if each == type_))))
    if not set(kinds) & set(NATIVE):
        return None
    if len(kinds) == 1 and not named.external:
        return {CONFIG: {"kind": kinds[0], "settings": named.settings}}
    return _ambiguous(
        f"campaign_type and {FIELD} do not name one native kind",
        FIELD,
        *(_native_answer(each, type_, named) for each in kinds if each in NATIVE),
        *integrations.candidates(integrations.near(own, named), named.settings),
    )


def _native_answer(kind: str, type_: str, named: Named) -> Candidate:
    other_type = {"campaign_type": kind} if type_ in NATIVE and type_ != kind else {}
    assign = {FIELD: {**named.settings, "type": kind}, **other_type}
    return Candidate(kind, assign, "a native kind, which needs no integration")


def _external(named: Named, own: Sequence[Item]) -> Item | Verdict:
    """Return the one source of a campaign that is fed by an integration, or why it is in doubt."""
    near = integrations.near(own, named)
    doubt = _doubt(named, own, near)
    if doubt is not None:
        answers = integrations.candidates(near or own, named.settings)
        return _ambiguous(doubt, FIELD, *answers)
    return {SOURCES: [integrations.source_of(near[0], named)]}


def _doubt(named: Named, own: Sequence[Item], near: Sequence[Item]) -> str | None:
    """Say why a legacy source does not mean the one integration that is near, if it does not."""
    if len(named.kinds) > 1:
        return f"provider and type in {FIELD} differ"
    if named.integration_id is not None:
        meant = integrations.with_id(own, named.integration_id)
        if meant is None:
            return _unknown(FIELD)
        other = named.kinds and integrations.kind_of(meant) not in named.kinds
        return f"the integration in {FIELD} is of another provider" if other else None
    if not named.kinds:
        return f"{FIELD} names no provider"
    if not near:
        return f"the account has no integration of the provider in {FIELD}"
    if len(near) > 1:
        return f"the account has {len(near)} integrations of the provider in {FIELD}"
    off = not integrations.enabled(near[0])
    return "the account's only integration of the provider is switched off" if off else None


def _wrong_type(item: Item) -> Verdict | None:
    for name, (type_, words) in _TYPES.items():
        if _holds(item, name) and not isinstance(item[name], type_):
            return Verdict(Decision.REJECT, f"{name} is not {words}", name)
    return None


def _within_limits(decided: Item) -> Item | Verdict:
    """Return what was decided, or reject what the settings would nest too deep."""
    if max(map(nesting, decided.values())) <= NESTING_LIMIT:
        return decided
    reason = f"{FIELD} is nested too deep: the new shape has at most {NESTING_LIMIT} levels"
    return Verdict(Decision.REJECT, reason, FIELD)


def _holds(item: Item, name: str) -> bool:
    return not says_nothing(item.get(name))


def _goes(name: str, value: Value) -> bool:
    """Tell whether an attribute of the new shape is left out of the old one.

    One of a wrong type is in doubt in either shape, and stays.
    """
    if name == SOURCES:
        return says_nothing(value) or isinstance(value, list)
    return isinstance(value, dict) and bool(value)


def _unknown(field: str) -> str:
    """Return one and the same reason for an id that does not exist and for another account's."""
    return f"the account has no integration of the id in {field}"


def _ambiguous(reason: str, field: str, *candidates: Candidate) -> Verdict:
    return Verdict(Decision.AMBIGUOUS, reason, field, candidates)
