"""Reads deployed state machine definitions."""

import json
from collections.abc import Iterator

from tests.infra.assembly import Assembly, Template

KINDS = ("migrate", "backfill", "validate", "rollback")


def definition(assembly: Assembly, kind: str, migration: str = "personnel") -> Template:
    """Return the definition of a migration's machine of this kind."""
    machines = assembly.named("AWS::StepFunctions::StateMachine", "StateMachineName")
    found: Template = json.loads(machines[f"cutover-{migration}-{kind}"]["DefinitionString"])
    return found


def scopes(machine: Template) -> Iterator[Template]:
    """Yield a machine and the child of each of its Maps: state names are local to each."""
    yield machine
    for state in machine["States"].values():
        if state["Type"] == "Map":
            yield from scopes(state["ItemProcessor"])


def states(machine: Template) -> Iterator[tuple[str, Template]]:
    """Yield every state of a machine and of its children."""
    for scope in scopes(machine):
        yield from scope["States"].items()


def targets(state: Template) -> set[str]:
    """Return the states that a state may lead to."""
    found = {state[name] for name in ("Next", "Default") if name in state}
    for name in ("Choices", "Catch"):
        found |= {each["Next"] for each in state.get(name, ())}
    return found
