"""What a schedule sends to the functions that it calls."""

from pydantic import ConfigDict

from functions.entry import Event


class Tick(Event):
    """EventBridge's scheduled event, of which only the id matters here.

    Its form is AWS's and may grow, so what else it has is left alone.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
