"""Personnel records as Hypothesis draws them: anything a table can hold, biased to the edges."""

from decimal import Decimal

from hypothesis import strategies as st

from migrations.personnel import transform
from migrations.personnel.numbers import generated
from shared.model.item import Item

TEXT = st.text(max_size=12)
NUMBERS = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(-(10**28) + 1, 10**28 - 1),
    st.integers(-30, 30),
) | st.sampled_from([Decimal(0), Decimal("0.00"), Decimal("-0"), Decimal(10**38 - 1)])
SETS = (
    st.frozensets(TEXT, min_size=1, max_size=3)
    | st.frozensets(NUMBERS, min_size=1, max_size=3)
    | st.frozensets(st.binary(max_size=4), min_size=1, max_size=3)
)
SCALARS = st.none() | st.booleans() | TEXT | NUMBERS | st.binary(max_size=8) | SETS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
IDS = st.text(min_size=1, max_size=20)
NAMES = sorted(
    transform.TARGET_ONLY
    | {"full_name", "employee_number", "project_id", "active", "email", "phone", "role"}
    | {"employee_id", "team_id", "status", "hourly_rate", "certifications", "created_by"}
    | {"created_at", "updated_at", "nickname"}
)
TYPICAL: dict[str, st.SearchStrategy[object]] = {
    "full_name": TEXT,
    "employee_number": TEXT | st.just("GEN-GE"),
    "project_id": TEXT,
    "active": st.booleans(),
    "email": TEXT,
    "phone": TEXT,
    "role": TEXT | st.just("user"),
    "hourly_rate": NUMBERS | st.booleans(),
    "certifications": st.lists(VALUES, max_size=2),
    "created_by": TEXT | st.just("MIGRATION_SCRIPT"),
    "created_at": TEXT,
}


def _key(employee_id: str) -> Item:
    return {"PK": f"EMPLOYEE#{employee_id}", "SK": "PROFILE"}


@st.composite
def records(draw: st.DrawFn) -> Item:
    """Draw any record with a good key; most have plausible values, some have anything."""
    employee_id = draw(IDS)
    own: Item = {}
    for name in draw(st.sets(st.sampled_from(NAMES))):
        plausible = TYPICAL.get(name, VALUES)
        own[name] = draw(st.one_of(plausible, plausible, plausible, VALUES))
    if draw(st.integers(0, 7)) == 0:
        own["employee_number"] = generated(employee_id)
    if draw(st.integers(0, 7)) == 0:
        own |= {"employee_id": employee_id, "team_id": own.get("project_id", "")}
        own["status"] = "inactive" if own.get("active") is False else "active"
    others = draw(st.dictionaries(TEXT, VALUES, max_size=3))
    return {**others, **own, **_key(employee_id)}


@st.composite
def normal_records(draw: st.DrawFn) -> Item:
    """Draw a record in normal form, as the migration's README defines it."""
    filled = st.text(min_size=1, max_size=12)
    optional = {
        "full_name": filled,
        "employee_number": filled.filter(lambda text: not text.startswith("GEN-")),
        "project_id": filled,
        "email": filled | st.none(),
        "phone": filled,
        "role": filled.filter(lambda text: text != "user"),
        "hourly_rate": NUMBERS.filter(bool) | st.just(False),
        "certifications": st.lists(VALUES, min_size=1, max_size=2),
        "created_by": TEXT.filter(lambda text: text != "MIGRATION_SCRIPT"),
        "created_at": TEXT,
    }
    others = draw(st.dictionaries(TEXT.map("x_".__add__), VALUES, max_size=3))
    own = draw(st.fixed_dictionaries({"active": st.booleans()}, optional=optional))
    return {**others, **own, **_key(draw(IDS))}
