"""Answers requests, one a line of JSON, on stdin and stdout; needs no package but the peer's own."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any


def serve(answers: dict[str, Callable[..., Any]]) -> None:
    """Call what a request's ``do`` names with the rest of it, until stdin ends."""
    reply = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the peer itself prints does not get into the answers
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"result": answers[request.pop("do")](**request)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        reply.write(json.dumps(answer) + "\n")
        reply.flush()
