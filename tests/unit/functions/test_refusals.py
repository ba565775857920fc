"""No refusal of a workflow function names a record: Lambda logs the text of what is raised."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from functions import entry
from functions.entry import Call, Event, workflow_step
from functions.move_phase import handler as move_phase
from functions.start_journey import handler as start_journey
from functions.start_run import handler as start_run
from migrations.personnel import migration as personnel
from shared import bootstrap
from shared.aws.errors import translate
from shared.model import errors
from shared.model.inputs import lists_prefix
from shared.model.runs import RunKind
from tests.unit.engine.conductor import legacy, stage
from tests.unit.engine.moving import set_state
from tests.unit.functions.invocation import Context

NAMED = "ada-lovelace"
"""Part of every key in these tests: it must be in no text and in no log."""
ROOT = Path(entry.__file__).parents[1]


@pytest.fixture(autouse=True)
def _anew(deployed_world, monkeypatch, request):
    """Let Powertools print to where this test looks, not to where the first one did."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.name)
    for cached in (entry.logger, entry.metrics, entry.instrumented):
        cached.cache_clear()


def refusal(handler, event, capsys, caplog):
    """Return what a function refused with, having looked for the key in all that it printed."""
    with pytest.raises(errors.CutoverError) as refused:
        handler(event, Context())
    printed = capsys.readouterr()
    assert NAMED not in str(refused.value)
    assert NAMED not in printed.out + printed.err + caplog.text
    return json.loads(str(refused.value))


def run_with(**given):
    given = {"migration": "personnel", "dry_run": True, **given}
    return {"kind": "backfill", "input": given, "execution": "execution-1", "parent": None}


@pytest.mark.parametrize("field", ["keys", "exclude"])
@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ([NAMED], "there is no record for 1 of 1 keys: number 1"),
        (
            ["there", NAMED, "there", f"{NAMED}-2"],
            "there is no record for 2 of 4 keys: number 2, 4",
        ),
        ([f"{NAMED}|a|b"], "number 1 is no key of sitelogix-personnel"),
        (["there", json.dumps({"PK": NAMED})], "number 2 is no key of sitelogix-personnel"),
    ],
)
def test_a_run_when_a_key_of_its_input_is_wrong_says_which_by_its_number(
    deployed_world, monkeypatch, capsys, caplog, field, listed, told
):
    world = stage(legacy("there")).world
    monkeypatch.setattr(bootstrap, "world", lambda _environ: world)
    found = refusal(start_run.handler, run_with(**{field: listed}), capsys, caplog)
    assert (found["field"], found["message"]) == (field, f"{field}: {told}")
    assert found["mend"]
    event = {"kind": "migrate", "execution": "execution-1"}
    event["input"] = {"migration": "personnel", "exclude": listed}
    if field == "exclude":
        found = refusal(start_journey.handler, event, capsys, caplog)
        assert found["message"] == f"{field}: {told}"


def test_a_run_when_its_list_is_in_the_archive_says_the_number_as_well(
    deployed_world, capsys, caplog
):
    uri = deployed_world.archive.store(f"{lists_prefix('personnel')}a.json", [NAMED])
    found = refusal(start_run.handler, run_with(keys=uri), capsys, caplog)
    assert found["message"] == "keys: there is no record for 1 of 1 keys: number 1"


def test_a_move_when_excluded_records_are_not_released_counts_them(monkeypatch, capsys, caplog):
    conductor = stage(legacy("A"), legacy(NAMED, active="maybe"))
    conductor.migrate(approve="auto", until="WRITE_V2_ONLY", exclude=[NAMED])
    run = conductor.begin_journey(RunKind.MIGRATE, until="ARCHIVED", approve="auto")
    conductor.settle()
    set_state(conductor, exported="arn:export", since=0.0)
    monkeypatch.setattr(bootstrap, "world", lambda _environ: conductor.world)
    event = {"run_id": run.run_id, "to": "ARCHIVED", "percent": None}
    found = refusal(move_phase.handler, event, capsys, caplog)
    assert "1 excluded records exist only in v1" in found["message"]


def test_a_store_when_its_answer_quotes_what_was_sent_is_told_by_its_code(
    deployed_world, capsys, caplog
):
    told = {"Code": "ValidationException", "Message": f"1 error: Value '{NAMED}' at 'key.PK'"}
    answer = ClientError({"Error": told}, "PutItem")

    @workflow_step(Event)
    def step(call: Call[Event]) -> dict[str, str]:
        raise translate(answer, writes=True) from answer

    found = refusal(step, {}, capsys, caplog)
    assert found["message"].startswith("PutItem: ValidationException")


def test_a_migrations_code_when_it_raises_an_error_of_ours_is_told_by_its_place(
    deployed_world, capsys, caplog
):
    @workflow_step(Event)
    def step(call: Call[Event]) -> dict[str, str]:
        call.world.migration.source.keys.parse(f"{NAMED}|a|b")
        return {}

    @workflow_step(Event)
    def own(call: Call[Event]) -> dict[str, str]:
        scope = {"InvalidInput": errors.InvalidInput}
        place = Path(personnel.__file__).with_name("transform.py")
        code = "def up(key): raise InvalidInput(key + ' is wrong', mend='mend ' + key)"
        exec(compile(code, place, "exec"), scope)  # noqa: S102 - as if its own file had raised
        scope["up"](NAMED)
        return {}

    assert "not a key" in refusal(step, {}, capsys, caplog)["message"]
    found = refusal(own, {}, capsys, caplog)
    assert found["message"] == "InvalidInput at migrations/personnel/transform.py:1"


# -- the words of every refusal there is

QUOTES = frozenset(
    {"body", "image", "item", "items", "key", "keys", "listed", "number", "record", "records"}
    | {"stored", "text", "texts", "value", "values"}
    | {"approver", "asker", "caller", "giver", "releaser"}
)
"""Names that stand for a record, a part of one, or a person, wherever this code uses them."""

TOLD_OF = frozenset({"len", "nesting", "size", "type"})
"""What is made of a record by these may be told: how much, how deep, and of what kind it is."""

REVIEWED = {
    ("shared/aws/export.py", "key"): "the name of an object in the archive",
    ("shared/aws/export.py", "items"): "how many there are",
    ("shared/engine/images.py", "image"): "raised to who writes the record, by no workflow step",
    ("shared/engine/requester.py", "approver"): "the operator's command alone approves",
    ("shared/engine/resolution.py", "image"): "raised to the person who decides on the record",
    ("shared/engine/side_by_side.py", "text"): "the operator's command alone looks at a record",
    ("shared/model/phases.py", "text"): "the name of a phase, as a person wrote it",
}
KINDS = {
    each.__name__
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, errors.CutoverError)
}
CODE = [
    file
    for folder in ("shared/engine", "shared/model", "shared/aws", "functions")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if "serve_records" not in file.parts  # the API answers its caller, and raises nothing
]


def quoted(tree: ast.AST) -> Iterator[str]:
    """Yield the names that the words of an error are made from."""
    for node in ast.walk(tree):
        kind = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if not isinstance(node, ast.Call) or kind not in (*KINDS, "Missing"):
            continue
        told = node.args[1:2] if kind == "Missing" else node.args[:1]
        words = [*told, *(each.value for each in node.keywords if each.arg == "mend")]
        for word in words:
            yield from _names(word)


def _names(tree: ast.AST) -> Iterator[str]:
    if isinstance(tree, ast.Call) and getattr(tree.func, "id", "") in TOLD_OF:
        return
    name = getattr(tree, "id", None) or getattr(tree, "attr", None)
    if name is not None:
        yield name
    for each in ast.iter_child_nodes(tree):
        yield from _names(each)


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_words_of_an_error_when_made_take_nothing_of_a_record(file):
    place = str(file.relative_to(ROOT))
    found = set(quoted(ast.parse(file.read_text(encoding="utf-8")))) & QUOTES
    assert {name for name in found if (place, name) not in REVIEWED} == set()


def test_the_exceptions_when_listed_are_still_there():
    for place, name in REVIEWED:
        assert name in set(quoted(ast.parse((ROOT / place).read_text(encoding="utf-8"))))
