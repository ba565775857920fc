"""Who an operator is, and where: account, region, endpoint."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 (botocore's own name)
    HTTPClientError,
    InvalidRegionError,
    ProfileNotFound,
)

from shared.model.errors import InvalidInput

PATIENT = Config(
    connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3, "mode": "standard"}
)
"""A person waits for the answer: unlike a writer, who has a lease to keep."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller's ARN, and the account, region and endpoint of everything that it touches."""

    account: str
    region: str
    partition: str
    endpoint: str
    caller: str


def identify(region: str | None) -> Identity:
    """Return who the present credentials belong to; `region` is None for the profile's own.

    Raises InvalidInput that says which of credentials, profile, region or endpoint is wrong.
    """
    try:
        session = boto3.session.Session(region_name=region)
        if session.region_name is None:
            raise InvalidInput(
                "no region is chosen",
                field="region",
                mend="set AWS_REGION or a profile that names one, or add --local",
            )
        endpoint = session.client("dynamodb", config=PATIENT).meta.endpoint_url
        who = _ask(session.client("sts", config=PATIENT), endpoint)
    except ProfileNotFound as error:
        raise InvalidInput(
            str(error), field="profile", mend="correct AWS_PROFILE, or add --local"
        ) from error
    except InvalidRegionError as error:
        raise InvalidInput(
            str(error), field="region", mend="correct AWS_REGION, or add --local"
        ) from error
    except ValueError as error:  # botocore's word for an endpoint that is no URL
        raise InvalidInput(
            str(error), field="endpoint", mend="correct AWS_ENDPOINT_URL, or add --local"
        ) from error
    partition = session.get_partition_for_region(session.region_name)
    return Identity(who["Account"], session.region_name, partition, endpoint, who["Arn"])


def _ask(sts: Any, endpoint: str) -> dict[str, str]:
    try:
        answer: dict[str, str] = sts.get_caller_identity()
    except (ConnectionError, HTTPClientError) as error:
        raise InvalidInput(
            f"nothing answers at {endpoint}",
            field="endpoint",
            mend="correct AWS_ENDPOINT_URL, or start the local cloud with `cutover local up`",
        ) from error
    except (BotoCoreError, ClientError) as error:  # none, incomplete, expired or refused
        raise InvalidInput(
            str(error), field="credentials", mend="log in, set AWS_PROFILE, or add --local"
        ) from error
    return answer
