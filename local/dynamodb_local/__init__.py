"""AWS's DynamoDB Local behind the local cloud's endpoint: `cutover local up --dynamodb local`.

Items, indexes and streams are DynamoDB Local's. Everything it lacks stays moto's, mended by
`local.dynamodb`: recovery, lifetime, policies, tags, encryption, insights, protection, exports.

`library`      the files on this machine, with their checksums, and the command that runs them
`fetch`        `make dynamodb-local`
`process`      one DynamoDB Local, started and ended with the server (`child` is around it)
`connection`   calls to it
`forward`      item operations sent on, refused first where a policy denies them (`permissions`)
`metering`     the capacity of a batch of inserts, which it does not tell
`twins`        its tables follow moto's
`streams`      the streams API sent on
"""

from __future__ import annotations

from local.dynamodb_local.library import Unusable
from local.dynamodb_local.process import Process
from local.places import Places

__all__ = ["Process", "Unusable", "start"]


def start(places: Places) -> Process:
    """Start a DynamoDB Local and put it behind moto's tables in this process, once.

    `local.dynamodb` must be installed before. Raises Unusable.
    """
    # Imported here: importing moto takes a second that nobody else should pay.
    from local.dynamodb_local import forward, streams, twins

    process = Process(places.home)
    connection, gate = process.connection(), forward.Gate()
    forward.install(connection, gate)
    twins.install(twins.Twins(connection, gate))
    streams.install(connection)
    return process
