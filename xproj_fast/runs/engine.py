"""The engine of every run: a stream of stages between a source and an output that survives a kill.

A pipeline declares a ``Run``: what its output is made from, its stream, and how each result is written. Everything else
is done here and in ``parts``: resuming, progress, timings, counts and the summary.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypedDict, TypeVar

from xproj_fast.confidence import summed
from xproj_fast.runs.layout import Layout
from xproj_fast.runs.learning import Learnt
from xproj_fast.runs.parts import open_parts
from xproj_fast.runs.straight import Straight, open_straight
from xproj_fast.runs.stream import Stream

T = TypeVar("T")
Progress = Callable[[int, float], None]  # sentences done, share of the input done


class Running(TypedDict, total=False):
    """How a run is carried out; no output depends on it.

    >>> import xproj_fast as xp
    >>> running: xp.Running = {"resume": True, "progress": lambda sentences, share: print(f"{share:.0%}")}
    >>> summary = xp.label("news.txt", "news.conll", models, options, **running)  # doctest: +SKIP

    Attributes:
        resume: continue an interrupted run, if there is one; leave a finished one of the same inputs alone (False).
        restart: discard an interrupted run (False).
        progress: called with the sentences and the share of the source done (None).
        patience: seconds that Ctrl-C waits for models inside a batch; None = until the batch ends (None).
    """

    resume: bool
    restart: bool
    progress: Progress | None
    patience: float | None


class Piece(NamedTuple):
    """The output of one part of the input.

    Attributes:
        data: suffix of an output -> bytes or ``pyarrow.Table``; no bytes = nothing.
        sentences: number of input sentences that it covers.
        counts: summed over the run; ``<group>:<name>`` is shown under its group.
        share: of the input that was read, 0 to 1.
    """

    data: Mapping[str, Any]
    sentences: int
    counts: Mapping[str, int]
    share: float


@dataclass(frozen=True, slots=True)
class Run(Generic[T]):
    """A run, declared.

    Attributes:
        output: where its parts go; ``Straight`` = straight to standard output or a pipe.
        made_from: what the output depends on (hashes of inputs, options, models), as JSON values.
        models: by name; the summary tells the ``device`` of those that have one.
        stream: starts the stream after the given number of input sentences.
        encode: turns a result of the stream into what is written.
        groups: of counts that the summary shows in a table of their own, such as ``label``.
        learnt: what the stream learns from its input; it starts with what an interrupted run has learnt.
    """

    output: Layout | Straight
    made_from: Mapping[str, Any]
    models: Mapping[str, Any]
    stream: Callable[[int], Stream[T]]
    encode: Callable[[T], Piece]
    groups: tuple[str, ...] = ()
    learnt: Learnt = field(default_factory=Learnt)


def carry_out(run: Run[Any], running: Running) -> dict[str, Any]:
    """Write the results of a run's stream, part by part.

    Args:
        run: see ``Run``.
        running: see ``Running``.

    Returns:
        The summary: output, sentences, counts, each group of counts, ``learnt`` (where something was), then
        ``resumed_at``, ``complete`` (nothing was left to do), ``stages`` (seconds each was busy), ``devices``,
        ``seconds``, ``sentences_per_second``.

    Raises:
        InputError: see ``open_parts``; and what the stages find wrong.
    """
    started = time.perf_counter()
    resume, restart, progress = running.get("resume", False), running.get("restart", False), running.get("progress")
    if isinstance(run.output, Straight):
        opened: Any = open_straight(run.output, resume=resume)
    else:
        opened = open_parts(run.output, run.made_from, resume=resume, restart=restart)
    devices = {name: str(model.device) for name, model in run.models.items() if hasattr(model, "device")}
    with opened as (parts, notes):
        resumed_at = parts.done
        complete = parts.complete
        if not complete:
            run.learnt.value, run.learnt.resumed = parts.learnt, parts.done > 0
            stream = run.stream(parts.done)
            stream.patience = running.get("patience")
            with stream:
                for done in stream:
                    with stream.timed("write"):
                        piece = run.encode(done)
                        if parts.learnt is None and run.learnt.value is not None:
                            parts.learn(run.learnt.value)
                        parts.append(piece.data, piece.sentences, piece.counts)
                    if progress is not None:
                        progress(parts.done, piece.share)
            notes["seconds"] = {name: round(value, 3) for name, value in stream.seconds.items()}
            notes["devices"] = devices
    seconds = time.perf_counter() - started
    summary: dict[str, Any] = {"output": run.output.name, "sentences": parts.done}
    groups: dict[str, dict[str, int]] = {name: {} for name in run.groups}
    for name, count in summed(parts.counts).items():
        group, colon, rest = name.partition(":")
        if colon and group in groups:
            groups[group][rest] = count
        else:
            summary[name] = count
    summary |= {group + "s": dict(sorted(found.items(), key=lambda x: -x[1])) for group, found in groups.items()}
    summary |= {} if parts.learnt is None else {"learnt": parts.learnt}
    return summary | {
        "resumed_at": resumed_at,
        "complete": complete,
        "stages": dict(notes.get("seconds", {})),
        "devices": devices,
        "seconds": round(seconds, 3),
        "sentences_per_second": round((parts.done - resumed_at) / max(seconds, 1e-9), 1),
    }
