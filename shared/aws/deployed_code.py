"""Which code is deployed, as the functions' own settings say it; an operator asks."""

import boto3
from botocore.exceptions import ClientError

from shared.aws.errors import code_of, translated
from shared.aws.identity import PATIENT, Identity
from shared.settings import PREFIX, function_name

WITNESSES = ("start_journey", "watch_writes", "serve_records")
"""One function of each stack that has any; the workflow's is the first."""
VARIABLE = f"{PREFIX}DIGEST"


class DeployedCode:
    """The functions in one account and region."""

    def __init__(self, identity: Identity) -> None:
        session = boto3.session.Session(region_name=identity.region)
        self._functions = session.client("lambda", config=PATIENT)

    def digests(self, migration: str) -> dict[str, str]:
        """Return the digest of a migration's code by function; `""` where a function says none.

        A function that is not deployed is left out. Raises StoreError.
        """
        found = {name: self._digest(function_name(migration, name)) for name in WITNESSES}
        return {name: digest for name, digest in found.items() if digest is not None}

    def _digest(self, function: str) -> str | None:
        with translated(writes=False):
            try:
                told = self._functions.get_function_configuration(FunctionName=function)
            except ClientError as error:
                if code_of(error) != "ResourceNotFoundException":
                    raise
                return None
        return str(told.get("Environment", {}).get("Variables", {}).get(VARIABLE, ""))
