"""Values that should be distinct and are not: reported by validation, moved all the same."""

from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.runs import FindingKind, RunKind, RunStatus
from tests.unit.engine.conductor import stage


def employee(employee_id: str, **more: object) -> Item:
    """Return a v1 record."""
    return {"PK": f"EMPLOYEE#{employee_id}", "SK": "PROFILE", "full_name": "Ada", **more}


def test_validation_when_numbers_are_shared_reports_them_and_is_clean() -> None:
    numbers = {"a": "E1", "b": "E1", "c": "E2", "d": "E1", "e": None}
    items = [
        employee(each, **({"employee_number": number} if number else {}))
        for each, number in numbers.items()
    ]
    conductor = stage(*items, phase=Phase.VALIDATE)
    run = conductor.job(RunKind.VALIDATE)
    found = [
        each
        for each in conductor.world.ledger.findings(run.run_id)
        if each.kind is FindingKind.DUPLICATE
    ]
    assert len(found) == 2
    assert {each.field for each in found} == {"employee_number"}
    assert {each.key.split("#")[1][0] for each in found} < {"a", "b", "d"}
    assert run.status is RunStatus.SUCCEEDED
    assert run.counts.mismatched == 0
