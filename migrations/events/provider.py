"""What a provider of events is: the shapes of its payloads, and how each is read."""

from collections.abc import Callable
from dataclasses import dataclass

from migrations.events.reading import Fields, Payload, at

FALLBACK = "generic"
"""The provider that reads what no other one recognises."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of payload of a provider.

    `tells` recognises it by what no other provider's payload has; `needs` are the paths that
    a whole one never lacks; `fields` gives what templates show, by name without `template.`;
    `moments` and `identities` are paths of when it happened and of the provider's own id.
    `example` is such a payload, made up: tests hold the shape to it, and samples are drawn
    from it.
    """

    kind: str
    tells: Callable[[Payload], bool]
    fields: Callable[[Payload], Fields]
    example: Payload
    needs: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    identities: tuple[str, ...] = ("id",)

    def lacking(self, payload: Payload) -> list[str]:
        """Return the paths a payload of this shape lacks because it was cut short."""
        return [path for path in self.needs if at(payload, path) is None]


@dataclass(frozen=True, slots=True)
class Provider:
    """A source of events, by the name that records claim.

    `further` are paths that its payloads have which are of none of the shapes, and which are
    read by the names they use; None where there are no others, so that such a one is broken.
    """

    name: str
    shapes: tuple[Shape, ...]
    further: tuple[str, ...] | None = None

    def shape_of(self, payload: Payload) -> Shape | None:
        """Return the shape a payload has, or None when it is not one of this provider's."""
        return next((shape for shape in self.shapes if shape.tells(payload)), None)

    def may_send(self, payload: Payload) -> bool:
        """Tell whether a payload of no shape may be of a kind that nobody has described yet."""
        needed = self.further
        return needed is not None and all(at(payload, path) is not None for path in needed)


def has(*names: str) -> Callable[[Payload], bool]:
    """Return the recognition of payloads that have all these attributes, whatever their values."""

    def tells(payload: Payload) -> bool:
        return all(name in payload for name in names)

    return tells
