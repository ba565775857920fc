"""Which route answers a request (AWS docs: "Working with routes for HTTP APIs")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True)
class Match:
    """The chosen route and what its path's variables stand for."""

    route: Any
    parameters: dict[str, str]


def match(routes: Iterable[Any], method: str, path: str) -> Match | None:
    """Choose the most specific route for a still encoded path; None when there is none."""
    best: tuple[list[int], Match] | None = None
    for route in routes:
        if route.route_key == "$default":
            rank, parameters = [9], {}
        else:
            wanted_method, _, template = route.route_key.partition(" ")
            fit = _fit(template, path) if wanted_method in (method, "ANY") else None
            if fit is None:
                continue
            rank, parameters = [*fit[0], 0 if wanted_method == method else 1], fit[1]
        if best is None or rank < best[0]:
            best = rank, Match(route, parameters)
    return None if best is None else best[1]


def _fit(template: str, path: str) -> tuple[list[int], dict[str, str]] | None:
    """Compare segment by segment; a literal ranks before a variable before a greedy one."""
    wanted, given = template.strip("/").split("/"), path.lstrip("/").split("/")
    rank: list[int] = []
    parameters: dict[str, str] = {}
    for position, segment in enumerate(wanted):
        if segment.startswith("{") and segment.endswith("+}"):
            rest = given[position:]
            if rest in ([], [""]):
                return None
            parameters[segment[1:-2]] = unquote("/".join(rest))
            return [*rank, 2], parameters
        if position >= len(given):
            return None
        if segment.startswith("{") and segment.endswith("}") and given[position]:
            parameters[segment[1:-1]] = unquote(given[position])
            rank.append(1)
        elif segment == unquote(given[position]):
            rank.append(0)
        else:
            return None
    return (rank, parameters) if len(given) == len(wanted) else None
