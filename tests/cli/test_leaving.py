"""How a command leaves: what is registered for the end runs, and the interpreter is not taken apart."""

import subprocess
import sys

_COMMAND = """
import atexit
from takuso import main

class Taken:
    def __del__(self):
        print("taken apart", flush=True)

taken = Taken()
atexit.register(print, "registered")
main.run({arguments})
"""


def _left(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = _COMMAND.format(arguments=list(arguments))
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)


def test_a_native_thread_never_sees_the_end_of_the_interpreter() -> None:
    """It would end the process by SIGABRT, whatever the command had done."""
    left = _left("--help")
    assert left.returncode == 0
    assert left.stdout.startswith(" ") or "Usage" in left.stdout
    assert left.stdout.rstrip().endswith("registered")
    assert "taken apart" not in left.stdout


def test_the_code_of_a_command_is_that_of_the_process() -> None:
    left = _left("no-such-command")
    assert left.returncode == 2
    assert "no-such-command" in left.stderr
