"""Whose event a record is, by what it claims and by the shape of its payload; never a guess."""

from collections.abc import Mapping
from dataclasses import dataclass

from migrations.events.provider import FALLBACK, Provider, Shape
from migrations.events.providers import recognising, registered
from migrations.events.reading import Payload
from shared.model.declaration import TRANSFORM, Candidate, Decision, Verdict
from shared.model.item import Value

PROVIDER, PAYLOAD, CONFIRMED = "provider", "event_data", "provider_confirmed"
"""`provider_confirmed` is true where a person has decided that the provider is as claimed."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What can be said of an event; a provider or a shape that is in doubt is None."""

    verdict: Verdict
    provider: str | None = None
    shape: Shape | None = None


def recognise(item: Mapping[str, Value]) -> Recognised:
    """Tell whose event a record is and how to read it, or why that cannot be told."""
    claim, payload = item.get(PROVIDER), item.get(PAYLOAD)
    if claim is not None and not isinstance(claim, str):
        return _rejected("provider is not text", PROVIDER)
    name = _named(claim or "")
    if not isinstance(payload, dict):
        reason = "event_data is not a map" if PAYLOAD in item else "there is no event_data"
        return _rejected(reason, PAYLOAD, name)
    if not name:
        return _by_shape(payload)
    if item.get(CONFIRMED) is True:
        return _confirmed(name, payload)
    return _as_claimed(name, payload, claim)


def _named(claim: str) -> str:
    """Return the provider that a claim names, as providers are written here."""
    return "_".join(claim.casefold().replace("-", " ").replace("_", " ").split())


def _as_claimed(name: str, payload: Payload, claim: Value) -> Recognised:
    own = registered().get(name)
    shape = own.shape_of(payload) if own else None
    if shape:
        return _whole(name, shape, payload)
    others = [provider for provider, shape in _fitting(payload) if not shape.lacking(payload)]
    if others:
        confirm = {PROVIDER: claim, CONFIRMED: True}
        claimed = Candidate("as-claimed", confirm, "the record says so; its shape is only alike")
        reason = "event_data has the shape of another provider than the one the record claims"
        return _doubtful(reason, claimed, *map(_by_its_shape, others))
    if own and not own.may_send(payload):
        return _rejected(f"event_data has not the shape of any event of {name}", PAYLOAD, name)
    return Recognised(TRANSFORM, name, _fallback(payload))


def _by_shape(payload: Payload) -> Recognised:
    """Recognise a payload of which the record claims nothing."""
    fitting = _fitting(payload)
    if not fitting:
        return Recognised(TRANSFORM, FALLBACK, _fallback(payload))
    whole = [provider for provider, shape in fitting if not shape.lacking(payload)]
    if len(fitting) > 1 and whole:
        reason = "event_data has the shape of several providers, and the record claims none"
        return _doubtful(reason, *map(_by_its_shape, whole))
    provider, shape = fitting[0]
    return _whole(provider.name, shape, payload)


def _confirmed(name: str, payload: Payload) -> Recognised:
    """Recognise a payload whose sender a person has confirmed: it is read by whatever shape fits.

    The provider's own shape goes first, then the one other provider's that it has.
    """
    own = registered().get(name)
    shape = own.shape_of(payload) if own else None
    if shape:
        return _whole(name, shape, payload)
    others = [other for _, other in _fitting(payload) if not other.lacking(payload)]
    return Recognised(TRANSFORM, name, others[0] if len(others) == 1 else _fallback(payload))


def _whole(name: str, shape: Shape, payload: Payload) -> Recognised:
    """Return the event of a shape, rejected when its payload was cut short."""
    lacking = shape.lacking(payload)
    if not lacking:
        return Recognised(TRANSFORM, name, shape)
    reason = f"event_data was cut short: every {shape.kind} has {', '.join(lacking)}"
    return Recognised(Verdict(Decision.REJECT, reason, PAYLOAD), name, shape)


def _fitting(payload: Payload) -> list[tuple[Provider, Shape]]:
    """Return the providers whose shape a payload has, each with the shape, cut short or not."""
    found = ((provider, provider.shape_of(payload)) for provider in recognising())
    return [(provider, shape) for provider, shape in found if shape is not None]


def _by_its_shape(provider: Provider) -> Candidate:
    why = f"event_data has the shape of an event of {provider.name}"
    return Candidate(provider.name, {PROVIDER: provider.name}, why)


def _fallback(payload: Payload) -> Shape | None:
    return registered()[FALLBACK].shape_of(payload)


def _doubtful(reason: str, *candidates: Candidate) -> Recognised:
    return Recognised(Verdict(Decision.AMBIGUOUS, reason, PROVIDER, candidates))


def _rejected(reason: str, field: str, name: str = "") -> Recognised:
    return Recognised(Verdict(Decision.REJECT, reason, field), name or None)
