"""A cloud in RAM, whose workflows are played by the engine's conductor, and an operator there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from cli.cloud import Cloud, Target
from cli.main import application
from shared.aws.state_machines import Outcome
from shared.engine.failures import record_failure
from shared.engine.runs import StartedRun
from shared.engine.world import World
from shared.model.errors import CutoverError
from shared.model.item import Item
from shared.model.runs import Run, RunKind
from tests.unit.engine.conductor import Conductor, stage

KINDS = {
    "backfill": RunKind.BACKFILL,
    "validate": RunKind.VALIDATE,
    "migrate": RunKind.MIGRATE,
    "rollback": RunKind.ROLLBACK,
}
CALLER = "arn:aws:iam::123456789012:user/ada"


@dataclass
class PlayedWorkflows:
    """Begins a run when it is started, and goes it to its end when it is looked at again."""

    conductor: Conductor
    inputs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    stays: bool = False
    _begun: dict[str, Run | StartedRun] = field(default_factory=dict)
    _outcomes: dict[str, Outcome] = field(default_factory=dict)
    _looks: dict[str, int] = field(default_factory=dict)

    def execution(self, machine: str, name: str) -> str:
        return f"{machine}-{name}"

    def start(self, machine: str, given: Mapping[str, Any], name: str) -> str:
        self.conductor.names.append(self.execution(machine, name))
        self.inputs.append((machine, dict(given)))
        kind = KINDS[machine.rsplit("-", 1)[-1]]
        fields = {key: each for key, each in given.items() if key != "migration"}
        try:
            begun, execution = self._begin(kind, fields)
        except CutoverError as error:
            execution = self.execution(machine, name)
            self._outcomes[execution] = self._failed(error, [])
        else:
            self._begun[execution] = begun
        return execution

    def outcome(self, execution: str) -> Outcome:
        looks = self._looks[execution] = self._looks.get(execution, 0) + 1
        if execution not in self._outcomes and looks > 1 and not self.stays:
            self._outcomes[execution] = self._play(self._begun[execution])
        return self._outcomes.get(execution, Outcome("RUNNING"))

    def _begin(self, kind: RunKind, fields: dict[str, Any]) -> tuple[Run | StartedRun, str]:
        if kind in (RunKind.MIGRATE, RunKind.ROLLBACK):
            run = self.conductor.begin_journey(kind, **fields)
            return run, str(run.execution)
        started = self.conductor.begin(kind, **fields)
        stored = self.conductor.world.ledger.load(started.run_id)
        assert stored is not None
        return started, str(stored.execution)

    def _play(self, begun: Run | StartedRun) -> Outcome:
        try:
            if isinstance(begun, Run):
                run = self.conductor.go_on(begun)
            else:
                self.conductor.work(begun)
                run = self.conductor.finish(begun)
        except CutoverError as error:
            return self._failed(error, [begun.run_id])
        return Outcome("SUCCEEDED", run.summary())

    def _failed(self, error: CutoverError, run_ids: list[str]) -> Outcome:
        told = {"message": error.message, "field": error.field, "mend": error.mend}
        told |= {"run_id": error.run_id, "report": error.report}
        name = type(error).__name__
        ended = record_failure(self.conductor.world, run_ids, name, json.dumps(told))
        if ended.summary is not None:
            return Outcome("SUCCEEDED", ended.summary)
        return Outcome("FAILED", None, ended.error, ended.cause)


@dataclass
class Operator:
    """Types commands against one cloud in RAM."""

    conductor: Conductor
    workflows: PlayedWorkflows
    code: Mapping[str, str] | CutoverError | None = None
    """What the functions say of their code; None: it is this checkout's."""
    checkout: str | None = None
    """The digest of this checkout; None: the conductor's."""
    target = Target("123456789012", "us-east-1", "http://localhost:4566", CALLER)

    def world(self, migration: str) -> World:
        world = self.conductor.world
        assert migration == world.migration.name
        return world if self.checkout is None else replace(world, digest=self.checkout)

    def deployed(self, migration: str) -> Mapping[str, str]:
        if self.code is None:
            return {"start_journey": self.world(migration).digest}
        if isinstance(self.code, CutoverError):
            raise self.code
        return self.code

    def type(self, *words: str) -> Result:
        """Return what a command printed and its exit code."""

        def connect(local: bool) -> Cloud:
            return self

        return CliRunner().invoke(application(), list(words), obj=connect)

    def json(self, *words: str, exits: int = 0) -> Any:
        """Return the one JSON document that a command printed on stdout."""
        result = self.type(*words, "--json")
        assert result.exit_code == exits, result.output
        return json.loads(result.stdout)


def operator(*items: Item, **given: Any) -> Operator:
    """Return an operator of a migration whose v1 holds these items (see `stage`)."""
    conductor = stage(*items, **given)
    return Operator(conductor, PlayedWorkflows(conductor))
