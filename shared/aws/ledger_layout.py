"""Where each record stands in the ledger table; pure.

Every partition's key says whose it is, so that a role reaches its own migration's alone.

| record      | PK                          | SK                                        |
| ----------- | --------------------------- | ----------------------------------------- |
| run         | `RUN#<migration>#<run id>`  | `RUN`                                     |
| segment     | `RUN#<migration>#<run id>`  | `SEGMENT#<name>`                          |
| finding     | `RUN#<migration>#<run id>`  | `FINDING#<record's key>␟<kind>`           |
| mark        | `RUN#<migration>#<run id>`  | `MARK#<mark>`                             |
| run's place | `MIGRATION#<migration>`     | `RUN#<started, microseconds>#<run id>`    |
| lock        | `MIGRATION#<migration>`     | `LOCK#<lock>`                             |
| approval    | `MIGRATION#<migration>`     | `APPROVAL#<gate>`                         |
| waiter      | `MIGRATION#<migration>`     | `WAITER#<gate>`                           |
| shadow reads | `MIGRATION#<migration>`    | `SHADOW#<epoch>`                          |
| audit entry | `AUDIT#<migration>`         | `<at, microseconds>#<epoch>#<digest>`     |
| exclusions  | `EXCLUSIONS#<migration>#<digest>` | `<part>`                            |

␟ is the unit separator, which is below every printable character: so findings are in the
order of their keys. Numbers are padded with zeros, for the same reason.
"""

import hashlib

from shared.aws.records import to_item
from shared.model.control import AuditEntry
from shared.model.item import Item
from shared.model.runs import Finding, Run, Segment

SEPARATOR = "\x1f"
PLAIN_KEY_BYTES = 900
"""A longer record key is cut and told apart by a digest: a sort key has at most 1,024 bytes."""
KEPT_CHARACTERS = 200

FINDINGS = "FINDING#"
SEGMENTS = "SEGMENT#"
RUN_PLACES = "RUN#"
TALLIES = "SHADOW#"


def run_partition(migration: str, run_id: str) -> str:
    """Return the partition of a run, its segments and its findings."""
    return f"RUN#{migration}#{run_id}"


def migration_partition(migration: str) -> str:
    """Return the partition of a migration's list of runs, locks and decisions."""
    return f"MIGRATION#{migration}"


def audit_partition(migration: str) -> str:
    """Return the partition of a migration's audit log."""
    return f"AUDIT#{migration}"


def partitions(migration: str) -> tuple[str, ...]:
    """Return what the partitions of a migration look like, `*` for whatever comes last."""
    return (
        migration_partition(migration),
        audit_partition(migration),
        exclusions_partition(migration, "*"),
        run_partition(migration, "*"),
    )


def exclusions_partition(migration: str, digest: str) -> str:
    """Return the partition of one set of excluded keys."""
    return f"EXCLUSIONS#{migration}#{digest}"


def run_key(migration: str, run_id: str) -> Item:
    """Return the key of a run."""
    return {"PK": run_partition(migration, run_id), "SK": "RUN"}


def run_place(run: Run) -> Item:
    """Return the item that lists a run under its migration."""
    place = f"{RUN_PLACES}{_moment(run.started_at)}#{run.run_id}"
    return {"PK": migration_partition(run.migration), "SK": place, "run_id": run.run_id}


def segment_key(migration: str, run_id: str, name: str) -> Item:
    """Return the key of a segment."""
    return {"PK": run_partition(migration, run_id), "SK": SEGMENTS + name}


def segment_item(migration: str, segment: Segment) -> Item:
    """Return a segment as an item."""
    return {**segment_key(migration, segment.run_id, segment.name), **to_item(segment)}


def finding_item(migration: str, finding: Finding) -> Item:
    """Return a finding as an item; the same run, key and kind has the same place."""
    named = finding.key
    if len(named.encode()) > PLAIN_KEY_BYTES:
        named = named[:KEPT_CHARACTERS] + hashlib.sha256(named.encode()).hexdigest()
    place = f"{FINDINGS}{named}{SEPARATOR}{finding.kind.value}"
    return {"PK": run_partition(migration, finding.run_id), "SK": place, **to_item(finding)}


def mark_key(migration: str, run_id: str, mark: str) -> Item:
    """Return the key of a mark that was left on a run."""
    return {"PK": run_partition(migration, run_id), "SK": f"MARK#{mark}"}


def lock_key(migration: str, lock: str) -> Item:
    """Return the key of a lock."""
    return {"PK": migration_partition(migration), "SK": f"LOCK#{lock}"}


def approval_key(migration: str, gate: str) -> Item:
    """Return the key of a gate's approval."""
    return {"PK": migration_partition(migration), "SK": f"APPROVAL#{gate}"}


def waiter_key(migration: str, gate: str) -> Item:
    """Return the key of the workflow that waits at a gate."""
    return {"PK": migration_partition(migration), "SK": f"WAITER#{gate}"}


def tally_key(migration: str, epoch: int) -> Item:
    """Return the key of what shadow reads found in one step."""
    return {"PK": migration_partition(migration), "SK": f"{TALLIES}{epoch:010d}"}


def audit_item(audit: AuditEntry) -> Item:
    """Return an audit entry as an item; the same entry twice has the same place."""
    digest = hashlib.sha256(repr(audit).encode()).hexdigest()[:16]
    place = f"{_moment(audit.at)}#{audit.epoch:010d}#{digest}"
    return {"PK": audit_partition(audit.migration), "SK": place, **to_item(audit)}


def _moment(at: float) -> str:
    """Return a time of day as text in whose order times follow each other."""
    return f"{round(at * 1_000_000):020d}"
