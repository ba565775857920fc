"""Which cloud a command talks to: AWS as the environment says, or the local cloud."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from shared.aws.state_machines import Outcome
from shared.engine.world import World
from shared.model.errors import InvalidInput

if TYPE_CHECKING:
    from shared.aws.deployed_code import DeployedCode


@dataclass(frozen=True, slots=True)
class Target:
    """What a command acts upon, and who acts."""

    account: str
    region: str
    endpoint: str
    caller: str

    @property
    def text(self) -> str:
        """Return the target in one line."""
        return f"account {self.account}, {self.region}, {self.endpoint}"


class Starting(Protocol):
    """The state machines of a cloud."""

    def execution(self, machine: str, name: str) -> str:
        """Return the ARN that an execution of this name has, before it is started."""
        ...

    def start(self, machine: str, given: Mapping[str, Any], name: str) -> str:
        """Start a state machine by its name and return the execution's ARN."""
        ...

    def outcome(self, execution: str) -> Outcome:
        """Return how far an execution is."""
        ...


class Cloud(Protocol):
    """What commands need of an account and region; tests have one in RAM."""

    @property
    def target(self) -> Target:
        """Return where this is."""
        ...

    @property
    def workflows(self) -> Starting:
        """Return the state machines."""
        ...

    def world(self, migration: str) -> World:
        """Return one migration's world, with the digest of this checkout's code."""
        ...

    def deployed(self, migration: str) -> Mapping[str, str]:
        """Return the digest of the code that is deployed, by function; the workflow's is first."""
        ...


Connect = Callable[[bool], Cloud]
"""Given whether `--local` was asked for, returns the cloud; it raises InvalidInput."""


@dataclass(frozen=True, slots=True)
class AwsCloud:
    """An account and region of AWS, or the local cloud, which speaks the same."""

    target: Target
    workflows: Starting
    code: "DeployedCode"

    def deployed(self, migration: str) -> Mapping[str, str]:
        """Return the digest of the code that is deployed, by function."""
        return self.code.digests(migration)

    def world(self, migration: str) -> World:
        """Return one migration's world over the AWS adapters."""
        from shared.bootstrap import operator_world  # boto3 takes long to import

        return operator_world(migration, self.target.account, self.target.region)


def connect(local: bool) -> AwsCloud:
    """Return the cloud that the environment or `--local` names, having asked it who we are."""
    from shared.aws.deployed_code import DeployedCode
    from shared.aws.identity import identify
    from shared.aws.state_machines import Workflows

    if local:
        _point_at_local_cloud()
    who = identify(os.environ.get("AWS_REGION") or None)
    target = Target(who.account, who.region, who.endpoint, who.caller)
    return AwsCloud(target, Workflows(who), DeployedCode(who))


def _point_at_local_cloud() -> None:
    """Let every client of this process talk to the local cloud, and to nothing else."""
    from local.places import Places
    from local.toolkit import environment

    running = Places().running()
    if running is None:
        raise InvalidInput(
            "no local cloud is running", field="--local", mend="start one: `cutover local up`"
        )
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        del os.environ[name]  # a profile or a token of a real account must not get in
    os.environ.update(environment(running.port))
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
