"""Gives back what it was asked, and what it runs as."""

import os
import time


def handler(event, context):
    """Answer; a body tells an API's caller what arrived."""
    if event.get("fail"):
        raise ValueError(event["fail"])
    if event.get("sleep"):
        time.sleep(event["sleep"])
    return {"code": 1, "stage": os.environ["STAGE"], "pid": os.getpid(), "event": event}
