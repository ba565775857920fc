"""The issuer of tokens: a URL as declared, or a path that the local cloud completes."""

import pytest
from aws_cdk import App

from infra.application import add_stacks
from shared.model.errors import InvalidInput
from tests.infra.assembly import small_layer


def test_issuer_when_only_a_path_and_no_endpoint_is_refused(tmp_path, personnel):
    with pytest.raises(InvalidInput, match="only a path") as refused:
        add_stacks(
            App(),
            migrations=[personnel],
            account="123456789012",
            region="us-east-1",
            layer=small_layer(tmp_path),
        )
    assert refused.value.field == "issuer"
    assert refused.value.mend
