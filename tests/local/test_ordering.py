"""Which resource needs which."""

from __future__ import annotations

from graphlib import CycleError

import pytest

from local.cloudformation.ordering import dependency_order, references


def test_references_are_found_in_every_form() -> None:
    text = {
        "a": {"Ref": "One"},
        "b": [{"Fn::GetAtt": ["Two", "Arn"]}, {"Fn::GetAtt": "Three.Arn"}],
        "c": {"Fn::Sub": "x-${Four}-${Five.Arn}-${!Literal}"},
        "d": {"Fn::Join": ["", ["arn:", {"Ref": "Six"}]]},
    }
    assert references(text) == {"One", "Two", "Three", "Four", "Five", "Six"}


def test_each_resource_comes_after_those_it_needs() -> None:
    order = dependency_order(
        {
            "Route": {"DependsOn": "Api", "Properties": {"T": {"Ref": "Integration"}}},
            "Integration": {"Properties": {"A": {"Ref": "Api"}, "R": {"Ref": "AWS::Region"}}},
            "Api": {},
        }
    )
    assert order == ["Api", "Integration", "Route"]


def test_a_circle_is_refused() -> None:
    with pytest.raises(CycleError):
        dependency_order({"A": {"DependsOn": ["B"]}, "B": {"DependsOn": ["A"]}})
