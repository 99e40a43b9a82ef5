"""A peer in an environment of its own: a process that waits for its turn, spoken to in lines of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

WORKERS = Path(__file__).resolve().parent / "workers"
Link = tuple[int, int]


class Peer:
    """Runs ``workers/<worker>.py`` with an environment's Python; use in a with-block."""

    def __init__(self, environment: Path, worker: str, model: Path) -> None:
        python = environment / "bin" / "python"
        if not python.exists():
            sys.exit(
                f"{environment}: expected a peer's environment; bench/models/peer_env.sh makes it (or --peers DIR)"
            )
        command = [str(python), str(WORKERS / f"{worker}.py"), str(model)]
        # The package that is measured is no business of the peer's.
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ
        )

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def ask(self, **request: Any) -> Any:
        """Send a request and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the peer ended with code {self._process.wait(30)}: {self._process.args}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def links(self, **request: Any) -> list[set[Link]]:
        """Send a request that is answered with the links of each pair."""
        return [{(i, j) for i, j in pair} for pair in self.ask(do="align", **request)]
