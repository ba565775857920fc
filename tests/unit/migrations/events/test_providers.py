"""What each registered provider owes: its example is its own, whole, and read flat."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from migrations.events import examples, providers, transform
from migrations.events.provider import FALLBACK, Provider, Shape
from migrations.events.providers import registered
from shared.model.declaration import Decision
from shared.model.errors import InvalidInput
from shared.model.item import Item, Value, canonical, decode, encode

EACH = [
    pytest.param(provider, shape, id=f"{provider.name}-{shape.kind}")
    for provider in registered().values()
    for shape in provider.shapes
]


def _form(payload: Value, **attributes: Value) -> Item:
    event = {"event_id": "1", "event_data": payload, **attributes}
    form: Item = transform.up(event)[transform.CANONICAL]
    return form


def _verdict(payload: Value, **attributes: Value) -> tuple[Decision, str]:
    verdict = transform.classify({"event_id": "1", "event_data": payload, **attributes})
    return verdict.decision, verdict.reason


def test_registered_are_those_of_the_runbook_and_each_is_a_file() -> None:
    files = {path.stem for path in Path(str(providers.__file__)).parent.glob("[a-z]*.py")}
    assert registered().keys() == files
    assert files >= {"shopify", "stripe", "testimonials", "announcements"}
    assert files >= {"instant_capture", "live_visitors", FALLBACK}


@pytest.mark.parametrize(("provider", "shape"), EACH)
def test_an_example_is_recognised_by_its_own_shape_and_by_no_other_provider(
    provider: Provider, shape: Shape
) -> None:
    assert provider.shape_of(shape.example) is shape
    others = [each for each in registered().values() if each not in (provider, _fallback())]
    assert [each.name for each in others if each.shape_of(shape.example)] == []
    assert shape.lacking(shape.example) == []


@pytest.mark.parametrize(("provider", "shape"), EACH)
@pytest.mark.parametrize("claimed", [True, False])
def test_an_example_gets_a_form_with_provider_kind_time_and_something_to_show(
    provider: Provider, shape: Shape, claimed: bool
) -> None:
    claim = {"provider": provider.name} if claimed else {}
    form = _form(shape.example, **claim)
    assert _verdict(shape.example, **claim) == (Decision.TRANSFORM, "")
    assert (form["meta.provider"], form["meta.kind"]) == (provider.name, shape.kind)
    assert form["meta.timestamp"].startswith("2026-0")
    assert sum(name.startswith("template.") for name in form) >= 3


@pytest.mark.parametrize(("provider", "shape"), EACH)
def test_an_example_cut_short_at_each_need_is_rejected(provider: Provider, shape: Shape) -> None:
    for path in shape.needs:
        payload = {name: v for name, v in shape.example.items() if name != path.split(".")[0]}
        decision, reason = _verdict(payload, provider=provider.name)
        assert decision is Decision.REJECT, path
        assert "cut short" in reason or reason.endswith(f"any event of {provider.name}")


@pytest.mark.parametrize(("provider", "shape"), EACH)
def test_an_example_survives_storage_and_shows_no_mail_address(
    provider: Provider, shape: Shape
) -> None:
    assert canonical(decode(encode({"x": shape.example}))) == canonical({"x": shape.example})
    shown = [value for value in _form(shape.example).values() if isinstance(value, str)]
    assert not any("ann@" in text or "ann%40" in text for text in shown)


@pytest.mark.parametrize("name", sorted(registered()))
def test_a_provider_has_an_example_that_says_what_becomes_of_it(name: str) -> None:
    targets = [example.target for example in examples.EXAMPLES if example.target]
    made = {target[transform.CANONICAL].get("meta.provider") for target in targets}
    assert name in made


def _fallback() -> Provider:
    return registered()[FALLBACK]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let the package of providers have one more folder of files."""
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    _forget()
    yield tmp_path
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    providers.registered.cache_clear()
    providers.recognising.cache_clear()


def test_a_provider_more_is_one_file_more(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        "from migrations.events.provider import Provider, Shape, has",
        "from migrations.events.reading import text",
        "SHAPE = Shape('ride', has('ride_id'), lambda ride: {'driver': text(ride, 'by')}, {})",
        "PROVIDER = Provider('taxis', (SHAPE,))",
    )
    (folder / "taxis.py").write_text("\n".join(lines))
    form = _form({"ride_id": "r-1", "by": "Ann"})
    assert (form["meta.provider"], form["template.driver"]) == ("taxis", "Ann")


def test_a_file_that_declares_another_name_is_refused(folder: Path) -> None:
    (folder / "ferries.py").write_text(
        "from migrations.events.provider import Provider\nPROVIDER = Provider('boats', ())\n"
    )
    with pytest.raises(InvalidInput, match="does not declare 'ferries'"):
        registered()


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal(1099), "usd", Decimal("10.99")),
        (Decimal(500), "JPY", Decimal(500)),
        (Decimal(5124), "kwd", Decimal("5.124")),
        (Decimal(500), "ugx", Decimal(5)),
        (Decimal(0), "eur", Decimal(0)),
        (Decimal(-250), "eur", Decimal("-2.5")),
        (Decimal(10**38 - 1), "eur", Decimal("999999999999999999999999999999999999.99")),
        (Decimal("10.5"), "eur", None),
        (Decimal(1099), "euros", None),
        (Decimal(1099), None, None),
        ("1099", "eur", Decimal("10.99")),
        (True, "eur", None),
    ],
)
def test_amounts_of_stripe_are_shown_exactly_in_whole_units(
    amount: Value, currency: Value, shown: Decimal | None
) -> None:
    charge = next(each for each in registered()["stripe"].shapes if each.kind == "charge")
    form = _form({**charge.example, "amount": amount, "currency": currency})
    assert form.get("template.amount") == shown


def test_an_envelope_of_stripe_shows_an_object_that_nobody_has_described() -> None:
    held: Item = {"object": "plan", "amount": Decimal(2000), "currency": "usd", "interval": "month"}
    envelope: Item = {"object": "event", "livemode": True, "id": "evt_1", "created": Decimal(5)}
    form = _form({**envelope, "type": "plan.created", "data": {"object": held}})
    assert form["template.amount"] == Decimal(20)
    assert (form["template.interval"], form["template.event_type"]) == ("month", "plan.created")


def test_answers_of_a_form_are_read_from_a_list_as_well() -> None:
    pairs = [{"name": "name", "value": "Ann"}, {"name": "city"}, "odd", {"value": "x"}]
    form = _form({"form_id": "f", "submitted_at": "2026-02-03", "fields": pairs})
    assert form["template.customer_name"] == "Ann"
    assert "template.city" not in form


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        ({"product": {"name": "Mug"}}, {"template.product_name": "Mug"}),
        ({"product_name": "A", "product": {"name": "B"}}, {"template.product_name": "A"}),
        ({"a-b": "2", "a b": "1"}, {"template.a_b": "1"}),
        ({"b": {"c": {"d": "deep"}}, "B c": {"d": "less"}}, {"template.b_c_d": "less"}),
        ({"x" * 101: "a", "y": {"z" * 99: "b"}, "w" * 100: "c"}, {f"template.{'w' * 100}": "c"}),
        ({"orderID": "x", "HTMLBody": "y"}, {"template.order_id": "x", "template.html_body": "y"}),
        ({"": {"": "x"}, "渡辺": "y", "_": Decimal(1)}, {}),
        ({"blank": " ", "none": None, "list": ["x"], "raw": b"x", "set": frozenset({"x"})}, {}),
        ({"long": "x" * 1025, "just": "x" * 1024}, {"template.just": "x" * 1024}),
        ({"userEmail": "a@b.c", "client": {"phone": "1", "ip": "2"}, "Zip": "3"}, {}),
        ({"shipName": "Ann", "zero": Decimal(0)}, {"template.ship_name": "Ann",
                                                   "template.zero": Decimal(0)}),
    ],
)  # fmt: skip
def test_the_fallback_reads_what_has_a_name(payload: Item, shown: Item) -> None:
    form = _form(payload)
    assert {name: v for name, v in form.items() if name.startswith("template.")} == shown


def test_the_fallback_shows_the_shallow_before_the_deep_when_there_is_too_much() -> None:
    many = {f"n{number:03d}": Decimal(number) for number in range(99)}
    form = _form({"a": {"first": "deep", "second": "deep"}, **many})
    assert "template.n_098" in form
    assert "template.a_first" in form
    assert "template.a_second" not in form
