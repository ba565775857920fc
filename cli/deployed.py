"""Whether a checkout holds the code that is deployed: if not, its operator decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.model.errors import GuardRefused

DEPLOY = "`cdk deploy`, or `cutover local deploy`"


@dataclass(frozen=True, slots=True)
class Code:
    """The digest of a migration's code in this checkout, and by function in what is deployed.

    `unread` is why nobody knows the latter.
    """

    migration: str
    checkout: str
    functions: Mapping[str, str]
    unread: str = ""

    @property
    def deployed(self) -> str | None:
        """Return the digest of the code by which runs and moves are made; None: unknown."""
        return next(iter(self.functions.values()), None) or None

    @property
    def difference(self) -> str | None:
        """Return why this checkout is not what is deployed; None when it is."""
        if self.unread:
            return f"nobody knows which code is deployed: {self.unread}"
        if not self.functions:
            return "nothing is deployed here"
        silent = [name for name, digest in self.functions.items() if not digest]
        if silent:
            return f"{', '.join(silent)} was deployed before functions said which code they are"
        if len(set(self.functions.values())) > 1:
            told = ", ".join(f"{name} {digest[:12]}" for name, digest in self.functions.items())
            return f"the stacks are of different deployments: {told}"
        if self.deployed != self.checkout:
            return f"this checkout is {self.checkout[:12]}, deployed is {str(self.deployed)[:12]}"
        return None

    @property
    def mend(self) -> str:
        """Return what to do about a difference."""
        if self.unread:
            return "get lambda:GetFunctionConfiguration, then ask again"
        if self.deployed is not None and len(set(self.functions.values())) == 1:
            return f"check out what is deployed, or deploy this: {DEPLOY}"
        return f"deploy all stacks: {DEPLOY}"

    def refuse_difference(self) -> None:
        """Raise GuardRefused when this checkout is not what is deployed."""
        if self.difference is not None:
            raise GuardRefused(
                f"{self.migration} is not moved from here: {self.difference}",
                missing=("deployed",),
                mend=self.mend,
            )
