"""Runs one command again and again, and ends it before its changes of files, one after the other. A script.

    kills.py FOLDER MOST WORD ...

The command is forked off a process of one thread that has imported what it needs, so that a run takes no longer than
its work. ``OUT`` in a word stands for the folder of its outputs; ``--resume`` is left to the run after one that was
ended. One line of JSON is printed for the undisturbed run, and one for each that was ended with the next one. What
``export`` makes of a checkpoint is a stand-in here, as that takes its time; it goes where the real one goes.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")
WRITES = os.O_WRONLY | os.O_RDWR
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


class Changes:
    """Counts the changes of files from now on, and does something before one of them.

    Attributes:
        count: of those that were begun.
    """

    def __init__(
        self, at: int = 0, before: Callable[[], object] = lambda: None, places: tuple[str, ...] = ("",)
    ) -> None:
        """Start to count.

        Args:
            at: the number of the change, from 1; 0 = none.
            before: what is done before it.
            places: folders whose files count. Names without a folder do, too: they are of a folder that is open.
        """
        self.count, self._at, self._before, self._places = 0, at, before, places
        sys.addaudithook(self._see)

    def _see(self, event: str, args: tuple[Any, ...]) -> None:
        if event not in CHANGES and not (event == "open" and args[2] & WRITES):
            return
        path = args[0] if isinstance(args[0], int) else os.fsdecode(args[0])
        if isinstance(path, int) or not os.path.isabs(path) or path.startswith(self._places):
            self.count += 1
            if self.count == self._at:
                self._before()


def runs(work: Callable[[], object], dies_at: int = 0) -> bool:
    """Work in a fork that dies before a change of a file; 0 = it does not. Returns whether it came to its end."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    Changes(dies_at, lambda: os._exit(9))
    try:
        work()
    except BaseException:
        print(f"dies at {dies_at}:", file=sys.stderr)
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def warm(words: list[str]) -> dict[str, Any]:
    """Run the command undisturbed, and import what it did: the next runs need not. Returns what ``attempt`` does."""
    found = attempt(words)
    for name in found["modules"]:
        with suppress(Exception):
            importlib.import_module(name)
    return found


def attempt(words: list[str], number: int = 0, at: int = 0) -> dict[str, Any]:
    """Run the command in a fork, ended by a signal before its ``at``-th change; 0 = undisturbed.

    Returns:
        Its exit status, what it said, the changes it made and the modules it imported, where it came to its end.
    """
    told, said = (os.memfd_create(name) for name in ("told", "said"))
    child = os.fork()
    if child == 0:
        os.dup2(said, 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        _run(words, number, at, told)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    found = json.loads(_content(told) or "{}") | {"code": status, "said": _content(said)}
    os.close(told)
    os.close(said)
    return found


def _run(words: list[str], number: int, at: int, told: int) -> None:
    def end() -> None:
        os.kill(os.getpid(), number)
        while number == signal.SIGKILL:
            time.sleep(1)

    code: Any = 99
    try:
        from xproj_fast.cli import main

        for kind in ("translator", "tagger", "aligner"):
            setattr(importlib.import_module(f"xproj_fast.export.{kind}"), f"export_{kind}", stand_in)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background starts with it ignored
        changes = Changes(at, end, (sys.argv[1], os.environ["TMPDIR"]))
        code = main(words)
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
    with suppress(Exception):
        sys.stdout.flush()
    os.write(told, json.dumps({"changes": changes.count, "modules": sorted(sys.modules)}).encode())
    os._exit(code)


def stand_in(source: str, folder: Path, *, force: bool, **how: Any) -> None:
    """Export a model in no time: of files, and of their places, that are like those of any other."""
    from xproj_fast.export.folder import new_folder

    with new_folder(folder, force=force) as target:
        (target / "model").mkdir()
        for name in ("model/weights.bin", "tokenizer.json", "manifest.json"):
            (target / name).write_text(name)


def _content(file: int) -> str:
    return os.pread(file, 1 << 22, 0).decode()


def tree(folder: Path) -> dict[str, str]:
    """Return the files of a folder: what is in them, in hexadecimal, but for times and places in manifests."""
    return {str(path.relative_to(folder)): content(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def content(path: Path) -> str:
    """Return what two runs that did the same have in common."""
    data = path.read_bytes()
    if path.name.endswith("manifest.json"):
        with suppress(ValueError):
            found = json.loads(data)
            data = json.dumps({k: v for k, v in found.items() if k not in ("created", "updated", "notes")}).encode()
    return data.hex()


def litter_in(temporary: Path) -> list[str]:
    """Return what of ours is left in the folder of temporary files; libraries keep things of their own there."""
    return sorted(path.name for path in temporary.glob("xproj*"))


def moments(changes: int, most: int) -> list[tuple[signal.Signals, int]]:
    """Return every signal before every change, or that many of these moments, spread evenly."""
    if len(SIGNALS) * changes <= most:
        return [(number, at) for at in range(1, changes + 1) for number in SIGNALS]
    spread = [1 + round(i * (changes - 1) / max(most - 1, 1)) for i in range(most)]
    return [(SIGNALS[i % len(SIGNALS)], at) for i, at in enumerate(spread)]


def main(folder: Path, most: int, words: list[str]) -> None:
    """Run undisturbed, then be ended before at most ``most`` changes, and gone on with."""
    sys.dont_write_bytecode = True
    resume = ["--resume"] * ("--resume" in words)
    words = [word for word in words if word != "--resume"]
    temporary = Path(os.environ["TMPDIR"])

    def command(name: str) -> tuple[Path, list[str]]:
        out = folder / name
        out.mkdir()
        return out, [word.replace("OUT", str(out)) for word in words]

    out, line = command("whole")
    whole = warm(line)
    print(json.dumps({"code": whole["code"], "said": whole["said"], "tree": tree(out), "changes": whole["changes"]}))
    for number, at in moments(whole["changes"], most):
        out, line = command(f"{at}-{number:d}")
        ended = attempt(line, number, at)
        then = tree(out)
        litter = litter_in(temporary)
        again = attempt(line + resume)
        print(
            json.dumps(
                {
                    "at": at,
                    "signal": number,
                    "ended": {"code": ended["code"], "said": ended["said"], "tree": then, "litter": litter},
                    "again": {
                        "code": again["code"],
                        "said": again["said"],
                        "tree": tree(out),
                        "litter": litter_in(temporary),
                    },
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
