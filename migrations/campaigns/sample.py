"""Made-up campaigns and their integrations, the same for the same seed, for tests and the demo."""

import random
from collections.abc import Callable
from decimal import Decimal

from migrations.campaigns.kinds import NATIVE
from shared.model.item import Item, Value

PER_ACCOUNT = 5
_PROVIDERS = ("shopify", "stripe", "testimonials", "mailchimp", "woocommerce")
_NAMES = ("Spring sale", "Été à Montréal", "Black Friday 🛍️", "Größe zählt", "新年", "")
_TYPES = ("purchase", "review", "signup", "cart")
_STATUSES = ("active", "paused", "draft")
_LONG_EVERY = 150


def integrations(seed: int, count: int) -> list[Item]:
    """Return the integrations of every account that `count` campaigns of this seed belong to.

    Each account has one of two providers, two of a third, one that is switched off, and one
    that no campaign uses.
    """
    accounts = range((count + PER_ACCOUNT - 1) // PER_ACCOUNT)
    return [each for account in accounts for each in _integrations_of(seed, account)]


def generate(seed: int, count: int, doubtful: int = 0) -> list[Item]:
    """Return campaigns in the old shape; the last `doubtful` need a person, each reason in turn.

    They carry no stamp of the engine: such is a table older than the wrapper. One in about 150
    is 20 to 60 KB long.
    """
    campaigns = [_campaign(seed, number) for number in range(count)]
    for position in range(count - doubtful, count):
        doubt = _DOUBTS[(position - count + doubtful) % len(_DOUBTS)]
        campaigns[position] = doubt(seed, position)
    return campaigns


def _integrations_of(seed: int, account: int) -> list[Item]:
    first, second, twice, off, _ = _providers(seed, account)
    kinds = (first, second, twice, twice, off, first + "-analytics")
    return [
        {
            **_owner(seed, account),
            "integration_id": _integration_id(seed, account, number),
            "provider": provider,
            "name": f"{provider} {number}",
            "status": "disabled" if provider == off else "active",
            "metadata": _metadata(seed, account, number),
        }
        for number, provider in enumerate(kinds)
    ]


def _metadata(seed: int, account: int, number: int) -> Item:
    domain = f"shop-{seed}-{account}-{number}.example.org"
    return {
        "shop_domain": domain,
        "account_name": f"Account {account}",
        "connected_at": f"2024-0{1 + number}-11T08:00:00Z",
        "event_kinds": ["orders/create", "refunds/create"][: 1 + number % 2],
        "contact": f"owner@{domain}",
    }


def _campaign(seed: int, number: int) -> Item:
    chance, account = _chance(seed, "campaign", number), number // PER_ACCOUNT
    if chance.random() < 0.25:
        fed = _native(chance)
    else:
        fed = {**_type(chance), "data_source": _source(chance, seed, account)}
    optional: list[tuple[float, str, Value]] = [
        (0.9, "name", chance.choice(_NAMES)),
        (0.8, "status", chance.choice(_STATUSES)),
        (0.6, "created_at", f"20{chance.randrange(20, 26)}-03-11T08:00:00Z"),
        (
            0.4,
            "rules",
            {"pages": ["/", "/cart"], "delay": Decimal(chance.randrange(9)), "if": None},
        ),
        (0.3, "tags", frozenset(chance.sample(_TYPES, 1 + chance.randrange(3)))),
        (0.2, "budget", Decimal(chance.randrange(10**37, 10**38)).scaleb(-2)),
        (0.1, "picture", chance.randbytes(24)),
        (1 / _LONG_EVERY, "template", "é" * chance.randrange(10_000, 30_000)),
    ]
    present = {name: value for share, name, value in optional if chance.random() < share}
    return {**_key(seed, number), **fed, **present}


def _source(chance: random.Random, seed: int, account: int) -> Value:
    """Return a legacy source that means one integration: by its provider, or by its id."""
    first, second, twice, off, _ = _providers(seed, account)
    by_id = {"integration_id": _integration_id(seed, account, chance.randrange(2, 4))}
    settings = {"collection": f"c-{chance.randrange(9)}", "limit": Decimal(chance.randrange(99))}
    return chance.choice(
        (
            first,
            second.upper(),
            {"type": first},
            {"provider": second, **settings},
            {"provider": twice, **by_id, **settings},
            {**by_id},
            {"type": off, "integration_id": _integration_id(seed, account, 4)},
        )
    )


def _native(chance: random.Random) -> Item:
    kind = chance.choice(NATIVE)
    return chance.choice(
        (
            {"campaign_type": kind},
            {"campaign_type": kind, "data_source": kind},
            {"campaign_type": kind, "data_source": {"type": kind, "position": "top"}},
            {**_type(chance), "data_source": kind},
        )
    )


def _type(chance: random.Random) -> Item:
    return {"campaign_type": chance.choice(_TYPES)}


def _two_of_a_provider(seed: int, number: int) -> Item:
    twice = _providers(seed, number // PER_ACCOUNT)[2]
    return {**_key(seed, number), "campaign_type": "purchase", "data_source": twice}


def _no_such_provider(seed: int, number: int) -> Item:
    missing = _providers(seed, number // PER_ACCOUNT)[4]
    return {**_key(seed, number), "data_source": {"provider": missing, "collection": "c-1"}}


def _switched_off(seed: int, number: int) -> Item:
    return {**_key(seed, number), "data_source": _providers(seed, number // PER_ACCOUNT)[3]}


def _of_another_account(seed: int, number: int) -> Item:
    theirs = _integration_id(seed, number // PER_ACCOUNT + 1, 0)
    return {**_key(seed, number), "data_source": {"integration_id": theirs}}


def _native_and_external(seed: int, number: int) -> Item:
    first = _providers(seed, number // PER_ACCOUNT)[0]
    return {**_key(seed, number), "campaign_type": "announcements", "data_source": first}


def _no_source(seed: int, number: int) -> Item:
    return {**_key(seed, number), "campaign_type": "review"}


_DOUBTS: tuple[Callable[[int, int], Item], ...] = (
    _two_of_a_provider,
    _no_such_provider,
    _switched_off,
    _of_another_account,
    _native_and_external,
    _no_source,
)


def _key(seed: int, number: int) -> Item:
    return {"campaign_id": f"C{seed}-{number:05d}", **_owner(seed, number // PER_ACCOUNT)}


def _owner(seed: int, account: int) -> Item:
    return {"account_id": f"A{seed}-{account:04d}"}


def _integration_id(seed: int, account: int, number: int) -> str:
    return f"I{seed}-{account:04d}-{number}"


def _providers(seed: int, account: int) -> list[str]:
    """Return the providers in the order in which an account has them; the last it has not."""
    return _chance(seed, "account", account).sample(_PROVIDERS, len(_PROVIDERS))


def _chance(seed: int, what: str, number: int) -> random.Random:
    return random.Random(f"{seed} {what} {number}")  # noqa: S311  # made-up records, not secrets
