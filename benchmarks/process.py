"""Environments of the peers, and the processes that run contenders in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / "benchmarks" / ".envs"

PINS = {
    "neurolib": ["neurolib==0.6.2"],
    "tvboptim": ["tvboptim==0.4.0", "jax==0.10.2"],
    "cubnm": ["cubnm==0.1.0"],
    "brainmass_pypi": ["brainmass==0.1.1", "brainstate==0.5.4", "jax==0.10.2"],
}

_START = (
    "import sys; sys.path.insert({place}, {root!r}); from benchmarks.worker import main; main({module!r}, {core!r})"
)


class PeerError(RuntimeError):
    """A contender could not be installed, or failed."""


def interpreter(peer: str) -> str:
    """The Python of a contender's environment, made on first use. Ours and the scans use the runner's own."""
    if peer not in PINS:
        return sys.executable
    home = ENVIRONMENTS / peer
    python = home / "bin" / "python"
    stamp = home / "installed.txt"
    pins = "\n".join(PINS[peer])
    if stamp.exists() and stamp.read_text() == pins:
        return str(python)
    print(f"making an environment for {peer}: {', '.join(PINS[peer])}", flush=True)
    commands = (
        [sys.executable, "-m", "venv", "--clear", str(home)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", *PINS[peer]],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise PeerError(f"{peer} could not be installed: {done.stderr.strip().splitlines()[-1:]}")
    stamp.write_text(pins)
    return str(python)


class Contender:
    """One peer and variant ("ours:euler") in a process of its own, pinned to one core."""

    def __init__(self, name: str, core: int, log: Path):
        self.name = name
        peer, _, self.variant = name.partition(":")
        module = "benchmarks.cases" if peer == "ours" else f"benchmarks.against.{peer}"
        # last on a peer's path, where `import brainmass` must find what is installed there
        place = "len(sys.path)" if peer in PINS else "0"
        start = _START.format(place=place, root=str(ROOT), module=module, core=str(core))
        self.log = log
        with log.open("a") as errors:
            self.process = subprocess.Popen(
                [interpreter(peer), "-P", "-c", start],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},  # would hide a peer
            )

    def ask(self, do: str, **request):
        self.process.stdin.write(json.dumps(dict(do=do, **request)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else dict(error=self._end())
        if "error" in answer:
            raise PeerError(f"{self.name}: {answer['error']}")
        return answer

    def _end(self) -> str:
        last = " ".join(self.log.read_text().split()[-60:])
        return f"the process ended with the exit code {self.process.wait()}; last words: {last}"

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def run_python(code: str, core: int) -> str:
    """What `code` prints in a fresh process of the runner's Python on that core."""
    pinned = f"import os; os.sched_setaffinity(0, {{{core}}}); {code}"
    done = subprocess.run([sys.executable, "-c", pinned], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise PeerError(done.stderr)
    return done.stdout
