"""Fuzz one target, or all, with atheris, which is led by the branches of the package that an input reaches.

    python tests/fuzz/run.py TARGET --seconds 120

Says how many inputs were tried and how many edges of xproj_fast they reached. What fails is kept under --keep, and
``python tests/fuzz/run.py TARGET --replay FILE`` shows its traceback, also where there is no atheris.
"""

from __future__ import annotations

import argparse
import logging
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = tuple(sorted(path.name for path in (HERE / "corpus").iterdir()))
MEMORY = Path("/dev/shm")
WHERE = "its wheels are for CPython on Linux x86_64; pip install atheris"
STATISTICS = re.compile(r"#(\d+)\t\w+ +cov: (\d+) ft: (\d+)")


def main() -> int:
    """Return 0 where nothing failed, or where there is no atheris, which is said."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=(*NAMES, "all"))
    parser.add_argument("--seconds", type=int, default=120, help="of each target (default 120)")
    parser.add_argument("--seed", type=int, default=0, help="the same inputs again, as far as time goes; 0 = new ones")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"), help="folder for inputs that fail")
    parser.add_argument("--replay", type=Path, help="run one input, without atheris")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)  # in this process, with that scratch folder
    args = parser.parse_args()
    if args.replay is not None:
        replay(args.target, args.replay)
        return 0
    try:
        import atheris
    except ImportError as error:
        print(f"fuzz: skipped, as atheris cannot be imported ({error}): {WHERE}")
        return 0
    if args.here is not None:
        fuzz(atheris, args.target, args.here, args.keep, [f"-max_total_time={args.seconds}", f"-seed={args.seed}"])
    names = NAMES if args.target == "all" else (args.target,)
    return max([start(name, args.seconds, args.seed, args.keep) for name in names])


def replay(name: str, file: Path) -> None:
    """Run one input."""
    from targets import TARGETS

    with tempfile.TemporaryDirectory() as folder:
        good = TARGETS[name].run(file.read_bytes(), Path(folder))
    print(f"{file}: {'read' if good else 'refused, as it should be'}")


def start(name: str, seconds: int, seed: int, keep: Path) -> int:
    """Fuzz in a process of its own, as atheris ends the one it runs in; return its exit status."""
    memory = MEMORY if MEMORY.is_dir() else None  # a file a run: a disk would be what limits them
    with tempfile.TemporaryDirectory(dir=memory) as here, tempfile.TemporaryFile("w+", errors="replace") as log:
        command = [sys.executable, __file__, name, "--seconds", str(seconds), "--seed", str(seed)]
        command += ["--keep", str(keep), "--here", here]
        status = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
        log.seek(0)
        text = log.read()
    found = STATISTICS.findall(text)
    runs, edges, features = found[-1] if found else ("0", "0", "0")
    if not status and not found:  # nothing led it: it tried next to nothing
        print(f"{name}: FAILED: no branch of the package was seen", file=sys.stderr)
        return 1
    print(f"{name}: {int(runs):,} inputs, {edges} edges, {features} features, {'FAILED' if status else 'no failure'}")
    if status:
        print(text[-6000:], file=sys.stderr)
    return status


def fuzz(atheris: object, name: str, here: Path, keep: Path, flags: list[str]) -> None:
    """Fuzz in this process until the time is up or something fails; does not return."""
    # An editable install loads the package by a hook, which atheris cannot see through: the source comes first.
    sys.path.insert(0, str(HERE.parents[1]))
    sys.meta_path.sort(key=lambda finder: type(finder).__module__.startswith("_editable"))
    with atheris.instrument_imports(include=["xproj_fast"]):
        from targets import TARGETS
    from mutation import mutated

    target = TARGETS[name]
    warnings.simplefilter("error")
    logging.disable()
    keep.mkdir(exist_ok=True)
    found, folder = here / "found", here / "work"
    found.mkdir()
    folder.mkdir()

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        return atheris.Mutate(data, most) if seed % 3 == 0 else mutated(data, most, seed)

    flags = [*flags, f"-artifact_prefix={keep}/{name}-", "-timeout=20", "-max_len=8192"]
    flags += [f"-dict={HERE / 'json.dict'}"] if TARGETS[name].file.endswith(("json", "jsonl")) else []
    atheris.Setup(
        [sys.argv[0], *flags, str(found), str(HERE / "corpus" / name)],
        lambda data: target.run(data, folder) and None,
        custom_mutator=mutate if target.binary else None,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
