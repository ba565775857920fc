"""How the demo speaks: its acts, what is being done, and what must be so."""

import json
from typing import Any

from rich.console import Console

console = Console(highlight=False)


def act(title: str) -> None:
    """Announce an act."""
    console.print(f"\n[bold]{title}[/bold]")


def say(text: str) -> None:
    """Say what is being done."""
    console.print(f"  {text}", markup=False)


def expect(holds: bool, seen: Any) -> None:
    """End the demo when something is not as it must be."""
    if not holds:
        raise RuntimeError(f"the demo expected otherwise: {json.dumps(seen, default=str)}")
