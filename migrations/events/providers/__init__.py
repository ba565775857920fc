"""The providers: every module of this package declares one as `PROVIDER`, under its own name.

Adding a provider is adding such a file; nothing else names it.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from migrations.events.provider import FALLBACK, Provider
from shared.model.errors import InvalidInput


@cache
def registered() -> Mapping[str, Provider]:
    """Return every provider by its name, in order of name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: _declared(name) for name in names}


@cache
def recognising() -> tuple[Provider, ...]:
    """Return the providers that know their payloads by shape: all but the fallback."""
    return tuple(each for name, each in registered().items() if name != FALLBACK)


def _declared(name: str) -> Provider:
    provider = import_module(f"{__name__}.{name}").PROVIDER
    if not isinstance(provider, Provider) or provider.name != name:
        raise InvalidInput(
            f"providers/{name}.py does not declare {name!r}",
            field="provider",
            mend=f"let PROVIDER be a Provider with name={name!r}",
        )
    return provider
