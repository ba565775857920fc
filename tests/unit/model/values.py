"""Strategies for everything that an item can hold."""

from decimal import Decimal

from hypothesis import strategies as st

NUMBERS = st.builds(
    lambda sign, digits, exponent: Decimal((sign, digits, exponent)),
    st.sampled_from((0, 1)),
    st.lists(st.integers(0, 9), min_size=1, max_size=38).map(tuple),
    st.integers(-60, 60),
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
BINARY = st.binary(max_size=12)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
SETS = st.one_of(
    st.frozensets(TEXTS, min_size=1, max_size=4),
    st.frozensets(NUMBERS, min_size=1, max_size=4),
    st.frozensets(BINARY, min_size=1, max_size=4),
)
SCALARS = st.one_of(st.none(), st.booleans(), TEXTS, NUMBERS, BINARY, SETS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=5)
