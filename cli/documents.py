"""What `--json` prints; times are ISO texts, as in the state machines' outputs."""

from dataclasses import asdict
from typing import Any

from cli.deployed import Code
from cli.words import words
from shared.engine.failures import told_by
from shared.engine.overview import Overview
from shared.engine.progress import Progress
from shared.engine.reports import shadow_document
from shared.engine.requester import requester
from shared.engine.world import World
from shared.model.control import AuditEntry, ControlState
from shared.model.declaration import Migration
from shared.model.moves import move_between
from shared.model.runs import Run, RunKind, instant


def status_document(world: World, found: Overview) -> dict[str, Any]:
    """Return where a migration is."""
    state = found.state
    return {
        "migration": state.migration,
        "title": world.migration.title,
        **place_document(world.migration, state, found.settled_at),
        "settled": world.clock.wall() >= found.settled_at,
        "certificate": certificate_document(world, state),
        "shadow_reads": None if found.compared is None else shadow_document(found.compared),
        "lagging": found.lag,
        "excluded": sorted(found.excluded),
        "exclusions_released": state.released,
        "changed_transform": found.changed_transform,
        "hold": hold_document(state),
        "next": next_document(found),
        "runs": [run_document(found, run) for run in found.runs],
        "events": [audit_document(entry) for entry in found.events],
    }


def code_document(code: Code) -> dict[str, Any]:
    """Return the digest of this checkout's code, and of what is deployed."""
    return {
        "checkout": code.checkout,
        "deployed": dict(code.functions),
        "same": code.difference is None,
        "difference": code.difference,
    }


def place_document(migration: Migration, state: ControlState, settled_at: float) -> dict[str, Any]:
    """Return the phase, and what readers do in it, or in place writers."""
    return {
        "phase": state.phase.value,
        "since": instant(state.since) if state.since else None,
        f"{words(migration).what}_percent": state.percent,
        "epoch": state.epoch,
        "settled_at": instant(settled_at),
    }


def hold_document(state: ControlState) -> dict[str, Any] | None:
    """Return the alarm that nobody has acknowledged yet, and what was begun because of it."""
    hold = state.hold
    if hold is None:
        return None
    return {
        "alarm": hold.alarm,
        "since": instant(hold.since),
        "phase": hold.phase.value,
        "answer": hold.answer,
        "reason": hold.reason,
    }


def certificate_document(world: World, state: ControlState) -> dict[str, Any] | None:
    """Return the certificate and whether it still counts."""
    certificate = state.certificate
    if certificate is None:
        return None
    now, age = world.clock.wall(), world.environment.certificate_age
    return {
        "run_id": certificate.run_id,
        "began_at": instant(certificate.began_at),
        "granted_at": instant(certificate.granted_at),
        "age_seconds": now - certificate.began_at,
        "fresh": certificate.fresh(now, age, world.digest),
        "phase": certificate.phase.value,
        "scanned": certificate.scanned,
        "repaired": certificate.repaired,
        "excluded": certificate.excluded,
        "report": certificate.report,
    }


def run_document(found: Overview, run: Run) -> dict[str, Any]:
    """Return a run with how far it is."""
    document = {
        **run.summary(),
        "kind": run.kind.value,
        "attempt": run.attempt,
        "pause": run.pause,
        "execution": run.execution,
        "parent": run.facts.get("parent"),
        "held": run.facts.get("held"),
    }
    if run.active:
        progress = found.progress.get(run.run_id)
        document["progress"] = progress_document(progress) if progress else None
        document["max_wcu"] = run.rate
    return document


def logged_run_document(run: Run) -> dict[str, Any]:
    """Return a run as the migration log has it: what was processed, what failed, who asked.

    A validation counts no successes: what it says nothing of has agreed.
    """
    counts = run.counts
    done = counts.written + counts.already_present + counts.repaired
    cause = run.facts.get("cause")
    return {
        **run.summary(),
        "kind": run.kind.value,
        "attempt": run.attempt,
        "requester": requester(run),
        "execution": run.execution,
        "parent": run.facts.get("parent"),
        "processed": counts.scanned,
        "succeeded": None if run.kind is RunKind.VALIDATE else done,
        "not_succeeded": counts.ambiguous + counts.failed + counts.mismatched - counts.repaired,
        "held": run.facts.get("held"),
        "error": told_by(str(cause)).get("message") if cause else None,
    }


def progress_document(progress: Progress) -> dict[str, Any]:
    """Return how far a run is; the rate is in records read a second, the spread a share."""
    told = progress.forecast
    return {
        "done": progress.counts.scanned,
        "total": progress.total,
        "origin": progress.origin,
        "percent": progress.percent,
        "segments": progress.segments,
        "segments_done": progress.segments_done,
        "rate_per_second": told.rate,
        "seconds_left": told.seconds,
        "spread": told.spread,
        "checkpoints": told.checkpoints,
        "why_not": told.why or None,
    }


def audit_document(entry: AuditEntry) -> dict[str, Any]:
    """Return one entry of the audit log."""
    return {**asdict(entry), "at": instant(entry.at)}


def next_document(found: Overview) -> dict[str, Any] | None:
    """Return the next phase and what it waits for."""
    if found.ahead is None:
        return None
    return {
        "phase": found.ahead.value,
        "reason": move_between(found.state.phase, found.ahead).reason,
        "missing": [
            {
                "guard": lack.guard.value,
                "reason": lack.reason,
                "until": None if lack.until is None else instant(lack.until),
            }
            for lack in found.lacks
        ],
    }
