"""Events and what must become of them; every build checks each pair."""

from migrations.events.examples.held import HELD
from migrations.events.examples.moving import MOVING
from shared.model.declaration import Example

EXAMPLES: tuple[Example, ...] = MOVING + HELD
