"""Build the libFuzzer targets of this folder with clang, and run them under the address and UB sanitizers.

    python csrc/fuzz/run.py --seconds 120            # each, two at a time; or name some
    python csrc/fuzz/run.py --coverage               # which lines of csrc/xproj the corpus and what was found reach
    build/fuzz/fuzz_conll FILE                       # what a failure was

What fails is kept in build/fuzz/failures, new inputs in build/fuzz/found: the next run starts from those, too.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NAMES = tuple(sorted(path.stem for path in HERE.glob("*.cpp")))
BUILD = Path("build")
FOUND = BUILD / "fuzz" / "found"
FAILURES = BUILD / "fuzz" / "failures"
AT_ONCE = 2
STATISTICS = re.compile(r"#(\d+)\s+DONE\s+cov: (\d+) ft: (\d+)")
VERSIONS = ("", *(f"-{version}" for version in range(20, 13, -1)))
PACKAGES = "Debian and Ubuntu: apt-get install clang-14 libclang-rt-14-dev llvm-14"


def main() -> int:
    """Return 0 where nothing failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", choices=(*NAMES, []), metavar="TARGET", help=", ".join(NAMES))
    parser.add_argument("--seconds", type=int, default=120, help="of each target (default 120)")
    parser.add_argument("--seed", type=int, default=0, help="the same inputs again, as far as time goes; 0 = new ones")
    parser.add_argument("--coverage", action="store_true", help="report lines instead of fuzzing")
    args = parser.parse_args()
    os.chdir(ROOT)
    names = args.targets or NAMES
    if args.coverage:
        return coverage(names)
    build("fuzz", "-DXPROJ_SANITIZE=address,undefined")
    FAILURES.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return max(pool.map(lambda name: fuzz(name, args.seconds, args.seed), names))


def tool(name: str) -> str:
    """Return a tool of LLVM, the newest there is."""
    for version in VERSIONS:
        if (found := shutil.which(name + version)) is not None:
            return found
    raise SystemExit(f"fuzz: expected {name}, version 14 or later, got none on PATH. {PACKAGES}")


def build(folder: str, *options: str) -> None:
    """Build all targets."""
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # of a virtual environment
    cmake = shutil.which("cmake", path=beside) or "cmake"
    configured = [f"-DCMAKE_CXX_COMPILER={tool('clang++')}", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"]
    configured += ["-DXPROJ_PYTHON=OFF", "-DXPROJ_FUZZ=ON", "-DXPROJ_WERROR=ON", *options]
    here = str(BUILD / folder)
    for command in ([cmake, "-S", ".", "-B", here, *configured], [cmake, "--build", here, "-j2"]):
        done = run(command)
        if done.returncode:
            hint = PACKAGES if "fuzzer" in done.stdout else ""
            raise SystemExit(f"{done.stdout[-6000:]}\nfuzz: {' '.join(command)} failed. {hint}")


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command, all it prints in one string."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    return subprocess.run(command, **options, check=False)


def fuzz(name: str, seconds: int, seed: int) -> int:
    """Run one target; return its exit status."""
    found = FOUND / name
    found.mkdir(parents=True, exist_ok=True)
    command = [str(BUILD / "fuzz" / f"fuzz_{name}"), f"-max_total_time={seconds}", f"-seed={seed}"]
    command += ["-timeout=20", "-max_len=512"]
    command += [f"-artifact_prefix={FAILURES}/{name}-", str(found), str(HERE / "corpus" / name)]
    done = run(command)
    runs, edges, features = (STATISTICS.findall(done.stdout) or [("0", "0", "0")])[-1]
    if done.returncode == 0:
        print(f"{name}: {int(runs):,} inputs, {edges} edges, {features} features, no failure", flush=True)
    else:
        print(f"{done.stdout[-6000:]}\n{name}: FAILED, see the input above under {FAILURES}", flush=True)
    return done.returncode


def coverage(names: tuple[str, ...]) -> int:
    """Print which share of the lines of csrc/xproj all inputs there are reach."""
    build("fuzz-coverage", "-DXPROJ_COVERAGE=ON")
    folder = BUILD / "fuzz-coverage"
    binaries = [folder / f"fuzz_{name}" for name in names]
    profiles = []
    for name, binary in zip(names, binaries, strict=True):
        inputs = [str(path) for path in (HERE / "corpus" / name, FOUND / name) if path.is_dir()]
        profiles.append(str(folder / f"{name}.profraw"))
        environment = {**os.environ, "LLVM_PROFILE_FILE": profiles[-1]}
        subprocess.run([str(binary), "-runs=0", *inputs], env=environment, stderr=subprocess.DEVNULL, check=True)
    merged = str(folder / "all.profdata")
    subprocess.run([tool("llvm-profdata"), "merge", "-o", merged, *profiles], check=True)
    more = [word for binary in binaries[1:] for word in ("-object", str(binary))]
    show = [tool("llvm-cov"), "report", f"-instr-profile={merged}", str(binaries[0]), *more, "csrc/xproj"]
    return subprocess.run(show, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
