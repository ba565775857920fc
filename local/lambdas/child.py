"""The program a worker process runs: AWS's runtime client over the deployed code, and nothing else.

It is started by path, with the deployed code's folder and the checkout's as arguments.
"""

import os
import sys
import threading


def _die_with_the_server() -> None:
    """End the process when the server's end of standard input closes, however the server ended."""
    while os.read(0, 1):
        pass
    os._exit(0)


def _hide(checkout: str) -> None:
    """Make the checkout unimportable: a file missing from the asset is missing here too."""
    environment = sys.prefix + os.sep
    sys.path[:] = [
        entry
        for entry in sys.path
        if entry.startswith(environment) or not (entry + os.sep).startswith(checkout + os.sep)
    ]
    sys.meta_path[:] = [
        finder
        for finder in sys.meta_path
        if not getattr(finder, "__module__", "").startswith("__editable__")
    ]


def main(code: str, checkout: str) -> None:
    """Serve invocations until the server goes away."""
    threading.Thread(target=_die_with_the_server, daemon=True).start()
    _hide(checkout)
    sys.path.insert(0, code)
    from awslambdaric.__main__ import main as serve

    serve(["awslambdaric", os.environ["_HANDLER"]])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
