"""Two tables that agree, and what is done to them behind the engine's back."""

from migrations.personnel.migration import MIGRATION
from migrations.personnel.transform import TARGET_ONLY
from shared.engine.images import target_image
from shared.model.declaration import TableToTable
from shared.model.item import Item, canonical
from shared.model.phases import Phase
from shared.model.runs import FindingKind, Run
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage

V1_FIRST = [Phase.DUAL_WRITE, Phase.VALIDATE, Phase.SHADOW_READ, Phase.READ_N]
CERTIFIABLE = [*V1_FIRST, Phase.READ_V2]
NAMES = ("A", "B", "C", "D")


def alike(phase: Phase = Phase.VALIDATE, migration: TableToTable = MIGRATION) -> Conductor:
    """Return a migration with a few records that agree, some of them the wrapper's own."""
    conductor = stage(
        *[legacy(name, full_name=f"N{name}", project_id="P1") for name in NAMES],
        phase=Phase.VALIDATE,
        migration=migration,
    )
    conductor.records().update(key("C"), {"role": "admin"}, (), None)
    conductor.records().create(person("E", full_name="Eve"), key("E"))
    conductor.go_to(phase)
    return conductor


def found(conductor: Conductor, run: Run) -> list[tuple[str, FindingKind, str | None, bool]]:
    return [
        (each.key.split("|")[0].removeprefix("EMPLOYEE#"), each.kind, each.field, each.repaired)
        for each in conductor.findings(run)
    ]


def assert_alike(conductor: Conductor, name: str) -> None:
    """Check that v2 is what v1 makes of it, in lock step, apart from what only v2 holds."""
    source = conductor.stored(Side.SOURCE, key(name))
    target = conductor.stored(Side.TARGET, key(name))
    assert (source is None) == (target is None), name
    if source is None or target is None:
        return
    image = target_image(conductor.world.migration, source)
    assert isinstance(image, dict)
    for side in (image, target):
        for only in TARGET_ONLY:
            side.pop(only, None)
    assert canonical(image) == canonical(target)


def own(item: Item | None) -> object:
    """Return a stored item's own attributes, comparable by value."""
    assert item is not None
    return canonical({name: value for name, value in item.items() if name[0] != "_"})
