"""NumPy (OpenBLAS) or PyTorch in a process of its own, which answers the requests on its standard
input as worker.mjs does: native.py numpy|pytorch THREADS [WORK].

The environment decides how many threads OpenBLAS and OpenMP have; THREADS is for PyTorch's own.
"""

import ctypes
import ctypes.util
import json
import math
import os
import sys
import time

from inputs import Trial, uniform
from pytorch import PyTorch

# As in worker.mjs.
WARM_UP_SECONDS, WARM_UP_CALLS = 0.5, 3


def use_known_core():
    """Starts again with a core type that OpenBLAS knows, if it does not know this processor.

    It takes one that is younger than itself for a Prescott, which has SSE only: five times slower.
    """
    library = ctypes.util.find_library("openblas")
    if not library or "OPENBLAS_CORETYPE" in os.environ:
        return
    corename = ctypes.CDLL(library).openblas_get_corename
    corename.restype = ctypes.c_char_p
    if corename() != b"Prescott":
        return
    with open("/proc/cpuinfo", encoding="ascii") as cpuinfo:
        flags = cpuinfo.read().split()
    cores = {"avx512vl": "SkylakeX", "avx2": "Haswell"}
    core = next((core for flag, core in cores.items() if flag in flags), None)
    if core:
        os.environ["OPENBLAS_CORETYPE"] = core
        os.execv(sys.executable, [sys.executable, *sys.argv])


class Numpy:
    def __init__(self, threads):
        import numpy as np

        self.np, self.version = np, np.__version__

    def sgemm(self, m, n, k, **_):
        np = self.np
        a, b = uniform(m * k, 1).reshape(m, k), uniform(k * n, 2).reshape(k, n)
        c = np.empty((m, n), np.float32)
        return Trial(lambda: np.matmul(a, b, out=c), c.ravel)

    def map(self, function, n, **_):
        if function not in ("exp", "tanh"):
            return None
        x, compute = uniform(n, 3, 4), getattr(self.np, function)
        y = self.np.empty_like(x)
        return Trial(lambda: compute(x, out=y), lambda: y)

    def copy(self, n, **_):
        x = uniform(n, 6)
        y = self.np.empty_like(x)
        return Trial(lambda: self.np.copyto(y, x), lambda: y)


def timed(trial, calls):
    """Seconds that some calls take."""
    begin = time.perf_counter()
    for _ in range(calls):
        trial.run()
    return time.perf_counter() - begin


def first_calls(trial, calls):
    """The values that are checked, of each of the first calls, at the indices of spread()."""
    checked = []
    for _ in range(calls):
        trial.run()
        values = trial.values()
        stride = max(1, len(values) // 64)
        checked += [float(value) for value in values[::stride][:64]]
    return checked


def warm_up(trial):
    """Runs a trial until it is warm, and sets how many calls make a sample.

    Returns the milliseconds of a call.
    """
    calls, total, done, last = 1, 0.0, 0, 1.0
    while total < WARM_UP_SECONDS or done < WARM_UP_CALLS:
        spent = timed(trial, calls)
        total, done, last = total + spent, done + calls, spent / calls
        if spent < trial.sample_seconds / 2:
            calls *= 2
    trial.calls_per_sample = max(1, math.ceil(trial.sample_seconds / last))
    return last * 1000


class Service:
    """The requests that the process answers, by name."""

    def __init__(self, peer):
        self.peer, self.trials = peer, {}

    def open(self):
        core = os.environ.get("OPENBLAS_CORETYPE")
        remark = {"remark": f"OpenBLAS is told that the processor is a {core}"} if core else {}
        return {"version": self.peer.version, **remark}

    def prepare(self, work):
        make = getattr(self.peer, work["kind"], None)
        trial = make and make(**work)
        if not trial:
            return {"unsupported": True}
        trial.sample_seconds = work["sample"] / 1000
        self.trials[work["name"]] = trial
        return {"values": first_calls(trial, work["calls"])}

    def warmUp(self, name):
        return {"milliseconds": warm_up(self.trials[name])}

    def sample(self, name):
        trial = self.trials[name]
        calls = trial.calls_per_sample
        if calls > 1:
            timed(trial, calls)
        return {"milliseconds": timed(trial, calls) * 1000 / calls}


def answer(message):
    print(json.dumps(message), flush=True)


def serve(peer_class, threads):
    service = Service(peer_class(threads))
    for line in sys.stdin:
        details = json.loads(line)
        try:
            answer(getattr(service, details.pop("request"))(**details))
        except Exception as error:
            answer({"error": str(error)})


def start(peer_class, threads, work):
    """Times import, set-up and first step. Data comes from NumPy, which PyTorch imports too."""
    if not hasattr(peer_class, "step"):
        return answer({"unsupported": True})
    begin = time.perf_counter()
    trial = peer_class(threads).step(**work)
    values = first_calls(trial, 1)
    milliseconds = (time.perf_counter() - begin) * 1000
    values += first_calls(trial, work["calls"] - 1)
    answer({"milliseconds": milliseconds, "values": values})


def main():
    use_known_core()
    name, threads, *work = sys.argv[1:]
    peer_class = {"numpy": Numpy, "pytorch": PyTorch}[name]
    try:
        if work:
            start(peer_class, int(threads), json.loads(work[0]))
        else:
            serve(peer_class, int(threads))
    except ImportError as error:
        package = {"numpy": "python3-numpy", "pytorch": "python3-torch"}[name]
        answer({"error": f"{error} (Debian has it as {package})"})


main()
