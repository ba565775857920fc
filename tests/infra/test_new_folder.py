"""A folder that `cutover new` has made is synthesised like any other, with no edit elsewhere."""

from pathlib import Path

from tests.copying import copy_repository, typed

GENERIC = "everything or one_control or keys_and_indexes or asset_when_staged"
"""The tests of this folder that look at all migrations that there are."""


def test_a_new_folder_of_each_kind_when_synthesised_passes_what_every_migration_must(
    tmp_path: Path,
) -> None:
    copy_repository(tmp_path)
    typed(tmp_path, "cutover new notes && cutover new labels --kind in-place")
    told = typed(tmp_path, f"pytest -v -p no:cacheprovider tests/infra -k '{GENERIC}'")
    tested = [each for each in told.splitlines() if "PASSED" in each]
    assert len(tested) >= 10
    for table in ("notes-v1", "notes-v2", "labels"):
        assert any(table in each for each in tested), told
