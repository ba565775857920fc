"""The verbs that move a share: reads of v2, or in place writes that leave the new shape."""

from dataclasses import dataclass
from typing import Annotated

import typer

from cli.made_moves import tell, warn_of_journey
from cli.options import NO_REASON, Json, Local, Name, Reason
from cli.session import Session, open_session
from cli.words import words
from shared.engine import cutover
from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.errors import GuardRefused, InvalidInput
from shared.model.phases import Phase


@dataclass(frozen=True, slots=True)
class Ramp:
    """The phase that has a share, the one before it, and who is moved."""

    who: str
    before: Phase
    phase: Phase


READS = Ramp("readers", Phase.SHADOW_READ, Phase.READ_N)
WRITES = Ramp("writers", Phase.READ_BOTH, Phase.WRITE_NEW)


def reads(
    ctx: typer.Context,
    name: Name,
    percent: Annotated[int, typer.Argument(min=0, max=100, help="The share of reads on v2.")],
    reason: Reason = NO_REASON,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Set the share of reads, in per cent, that v2 answers.

    0 takes all readers home to v1. More readers on v2 need a certificate and an elapsed
    soak; fewer need neither.
    """
    _set_share(open_session(ctx, as_json=as_json, local=local), name, READS, percent, reason)


def writes(
    ctx: typer.Context,
    name: Name,
    percent: Annotated[
        int, typer.Argument(min=0, max=100, help="The share of writes in the new shape.")
    ],
    reason: Reason = NO_REASON,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """In place: set the share of writes that leave the new shape.

    It is in per cent of the keys. 0 lets writes keep the shape they find. More needs an
    elapsed soak; less needs none.
    """
    _set_share(open_session(ctx, as_json=as_json, local=local), name, WRITES, percent, reason)


def _set_share(session: Session, name: str, ramp: Ramp, percent: int, reason: str) -> None:
    world, code = session.deployed_world(name)
    _refuse_other_kind(world, ramp)
    state = world.control.read(name)
    if state.phase not in (ramp.before, ramp.phase):
        raise _elsewhere(state, ramp)
    if percent == state.percent:
        tell(session, world, state, changed=False)
        return
    if percent > state.percent:
        code.refuse_difference()
    warn_of_journey(session, world)
    to = ramp.phase if percent else ramp.before
    moved = cutover.move_by_hand(world, to, percent or None, actor=session.actor, reason=reason)
    tell(session, world, moved, changed=True)


def _refuse_other_kind(world: World, ramp: Ramp) -> None:
    if ramp.phase not in world.migration.way:
        name, verb = world.migration.name, words(world.migration).what
        raise InvalidInput(
            f"{name} has no {ramp.phase}: its {verb} are moved by the per cent",
            field="NAME",
            mend=f"`cutover {verb} {name} PERCENT`",
        )


def _elsewhere(state: ControlState, ramp: Ramp) -> GuardRefused:
    """Return the refusal of a share in a phase that has none."""
    later = state.phase.order > ramp.phase.order
    way = f"rollback {state.migration} --to" if later else f"start {state.migration} --until"
    return GuardRefused(
        f"{ramp.who} are moved by the per cent in {ramp.before} and {ramp.phase},"
        f" not in {state.phase}",
        missing=("phase",),
        mend=f"`cutover {way} {ramp.phase}` leads there",
    )
