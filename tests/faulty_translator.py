"""A translator that breaks down once: what an engine does then is what is tested."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fake_stack import Translator
from toy_language import PAIRS, text

from xproj_fast.models.translation import TranslateOptions, Translation


class Faulty(Translator):
    """Ends or breaks its process at one sentence, the first time that any process comes to it."""

    def __init__(self, flag: Path, fault: str) -> None:
        super().__init__(PAIRS)
        self._flag, self._fault = flag, fault
        with open(flag.with_name("processes"), "a") as file:
            file.write(f"{os.getpid()}\n")

    def __reduce__(self) -> Any:
        return Faulty, (self._flag, self._fault)

    def translate(
        self, lines: Sequence[str], source: str, target: str, options: TranslateOptions | None = None
    ) -> Iterator[Translation]:
        if text(PAIRS[20].toy) in lines and not self._flag.exists():
            self._flag.touch()
            if self._fault == "SIGKILL":
                os.kill(os.getpid(), signal.SIGKILL)
            raise RuntimeError(self._fault)
        return super().translate(lines, source, target, options)
