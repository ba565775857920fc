"""What is in v1 when the curtain rises: real records where they are at hand, and made-up ones."""

import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from demo.book import Book
from demo.stage import Stage
from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from shared import catalogue
from shared.model.item import Item, encode

REAL = Path("..") / "shared" / "data" / "personnel.jsonl"
COUNT = 2000
UNMOVABLE = 4
BATCH = 25


def load_records(stage: Stage, book: Book, seed: int, say: Callable[[str], None]) -> list[str]:
    """Load v1 as an old application would have; return the keys of records that cannot move."""
    migration = MIGRATION
    real = list(_real_records())
    made_up = generate(seed, COUNT - len(real), UNMOVABLE)
    for item in [*real, *made_up[:-UNMOVABLE]]:
        book.seed(str(migration.up(item)["employee_id"]), migration.up(item))
    keys = migration.source.keys
    unmovable = [keys.text(keys.key_of(item)) for item in made_up[-UNMOVABLE:]]
    put(stage, stage.outputs["SourceTableName"], [*real, *made_up])
    say(f"{len(real)} real and {len(made_up)} made-up records, {len(unmovable)} of them hard")
    return unmovable


def mend_one(stage: Stage, book: Book, unmovable: list[str]) -> str:
    """Mend the first ambiguous record through the API, as a person would; return its key."""
    migration = catalogue.load(stage.migration)
    for text in unmovable:
        key = migration.key_named(text)
        stored = stage.client("dynamodb").get_item(
            TableName=migration.source.name,
            Key=encode(migration.source.keys.attributes(key)),
            ConsistentRead=True,
        )
        if "BOOL" not in stored["Item"].get("active", {"BOOL": True}):
            employee_id = text.split("#", 1)[1].split("|")[0]
            change: Item = {"status": "active"}
            answer = stage.call("PATCH", f"/employees/{employee_id}", stage.token(), change)
            if answer.status != 200:
                raise RuntimeError(f"mending {text}: {answer.status} {answer.body}")
            book.acknowledge(employee_id, answer.body, answer.version)
            return text
    raise RuntimeError("no ambiguous record was loaded")


def _real_records() -> Iterator[Item]:
    """Yield the records of the shared folder, where there is one beside the project."""
    if not REAL.exists():
        return
    with REAL.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line, parse_float=Decimal, parse_int=Decimal)


def put(stage: Stage, table: str, items: Sequence[Item]) -> None:
    """Store items as an application without the wrapper would."""
    client = stage.client("dynamodb")
    for start in range(0, len(items), BATCH):
        requests = [{"PutRequest": {"Item": encode(each)}} for each in items[start : start + BATCH]]
        while requests:
            left = client.batch_write_item(RequestItems={table: requests})["UnprocessedItems"]
            requests = left.get(table, [])
