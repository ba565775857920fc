"""Whether the alarm that watches a migration is quiet: asked for, not waited for.

Who enters a watched phase hears only of changes after that, so the alarm itself is looked at.
"""

from shared.engine.world import World
from shared.model.alarms import AlarmState
from shared.model.errors import StoreError
from shared.model.runs import instant


def disquiet(world: World) -> str | None:
    """Return why a migration cannot be called quiet; None when it is."""
    name = world.migration.watch_alarm
    try:
        alarm = world.alarms.look([name]).get(name)
    except StoreError as error:
        return f"CloudWatch does not say how {name} is; try again: {error.message}"
    if alarm is None:
        stack = f"Cutover-{world.migration.name.capitalize()}-Observability"
        return f"there is no alarm {name}: deploy the stack {stack}"
    if alarm.state is not AlarmState.ALARM:
        return None
    return f"{name} is in ALARM since {instant(alarm.since)}: {alarm.reason or 'no reason'}"
