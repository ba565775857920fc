"""Exports: started once per token, waited for, and proven by reading them back."""

import pytest

from shared.model.errors import Refused, TableGone
from shared.model.writes import Side
from shared.ports import ExportStatus
from tests.contract.engines import Engine, source_item


def completed(engine: Engine, items: int = 30) -> str:
    engine.tables.insert_absent(
        Side.SOURCE, [source_item(f"e{n}", name="one") for n in range(items)]
    )
    arn = engine.exports.start(Side.SOURCE, "example/2026-11-21", engine.token())
    for _ in range(200):
        status, reason = engine.exports.status(arn)
        if status is not ExportStatus.IN_PROGRESS:
            assert (status, reason) == (ExportStatus.COMPLETED, "")
            return arn
        engine.clock.sleep(0.05)
    raise AssertionError("the export did not end")


def test_export_proves_the_number_of_its_items(engine: Engine) -> None:
    proof = engine.exports.verify(completed(engine))
    assert proof.items == 30
    assert proof.files >= 1
    assert proof.bytes > 0
    assert "example/2026-11-21" in proof.manifest


def test_export_of_an_empty_table_proves_none(engine: Engine) -> None:
    assert engine.exports.verify(completed(engine, items=0)).items == 0


def test_export_with_the_same_token_is_the_same(engine: Engine) -> None:
    first = completed(engine)
    assert engine.exports.start(Side.SOURCE, "example/2026-11-21", engine.token()) == first
    assert engine.exports.start(Side.SOURCE, "example/2026-11-21", engine.token("other")) != first


def test_export_whose_data_was_tampered_with_is_refused(engine: Engine) -> None:
    arn = completed(engine)
    engine.hand.tamper_data(arn)
    with pytest.raises(Refused, match="checksum"):
        engine.exports.verify(arn)


def test_export_whose_manifest_was_tampered_with_is_refused(engine: Engine) -> None:
    arn = completed(engine)
    engine.hand.tamper_manifest(arn)
    with pytest.raises(Refused, match="manifest"):
        engine.exports.verify(arn)


def test_export_that_does_not_exist_is_refused(engine: Engine) -> None:
    arn = f"{engine.tables.describe(Side.SOURCE).arn}/export/01234567890123-a1b2c3d4"
    for call in (engine.exports.status, engine.exports.verify):
        with pytest.raises(Refused):
            call(arn)


def test_export_of_a_table_that_is_gone_says_so(engine: Engine) -> None:
    engine.administration.delete_table(Side.SOURCE, engine.tables.describe(Side.SOURCE).table_id)
    with pytest.raises(TableGone):
        engine.exports.start(Side.SOURCE, "x", engine.token())
