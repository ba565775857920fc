"""Kinds of sources: the native ones, and when two names mean the same kind."""

from shared.model.item import Value

NATIVE = ("announcements", "instant_capture", "live_visitors")
"""The kinds that the product feeds by itself; all others come from an integration."""


def kind_in(text: Value) -> str:
    """Return the kind that a text names, or "" when it is no text or says nothing.

    Providers are compared without regard to case and surrounding space, which people typed.
    """
    return text.strip().lower() if isinstance(text, str) else ""


def says_nothing(value: Value) -> bool:
    """Tell whether an attribute is as good as missing: null, or empty text, map or list."""
    return value is None or (isinstance(value, str | dict | list) and not value)
