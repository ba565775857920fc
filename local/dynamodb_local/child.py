"""The program around DynamoDB Local that ends it when the server goes away, however it went.

It is started by path, with the command to run as arguments.
"""

import os
import subprocess
import sys
import threading


def _end_with_the_server(process: "subprocess.Popen[bytes]") -> None:
    """End the process when the server's end of standard input closes."""
    while os.read(0, 1):
        pass
    process.kill()  # everything it holds is in memory, so there is nothing to put in order


def main(command: list[str]) -> int:
    """Run the command and give its exit code."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        threading.Thread(target=_end_with_the_server, args=(process,), daemon=True).start()
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
