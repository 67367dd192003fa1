"""Calls a function once, in a process of its own, as Lambda does: `call_function.py NAME [EVENT]`, in its environment.

Its code is in LAMBDA_TASK_ROOT, as in Lambda; without it that of the checkout. Prints the answer, and of an error what
Lambda answers; with MEASURED set also its memory's growth in MiB.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from lambda_context import Context


def peak() -> int:
    """The most memory this process had, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says begins, on Linux, with what the parent had
        [line] = [one for one in status.read_text().splitlines() if one.startswith("VmHWM")]
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20


def answer(name: str, event: dict[str, Any]) -> dict[str, Any]:
    """What Lambda would answer."""
    code = os.environ.get("LAMBDA_TASK_ROOT") or str(Path(__file__).parents[2] / "lambdas" / name)
    sys.path.insert(0, code)
    from handler import handler

    before = peak()
    try:
        found: dict[str, Any] = handler(event, Context())
    except Exception as error:
        return {"errorMessage": str(error), "errorType": type(error).__name__}
    return found | ({"grown_mib": peak() - before} if "MEASURED" in os.environ else {})


if __name__ == "__main__":
    print(json.dumps(answer(sys.argv[1], json.loads(sys.argv[2]) if len(sys.argv) > 2 else {})))  # noqa: T201
