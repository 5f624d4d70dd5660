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

# As in worker.mjs.
WARM_UP_SECONDS, WARM_UP_CALLS = 0.5, 3

# As in works.mjs.
LEARNING_RATE, BETAS, EPSILON = 1e-3, (0.9, 0.999), 1e-8
CONVNET = [(3, 3, 1, 32), (3, 3, 32, 64), (9216, 128), (128, 10)]


class Trial:
    """A call, and a function that gives the values it left, as a flat array."""

    def __init__(self, run, values):
        self.run, self.values = run, values
        self.sample_seconds, self.calls_per_sample = 0.01, 1


def uniform(count, seed, scale=1.0):
    """The same numbers as uniform() in works.mjs."""
    import numpy as np

    h = np.arange(count, dtype=np.uint32) + np.uint32(seed << 20)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return (((h >> np.uint32(8)) / 2.0**23 - 1) * scale).astype(np.float32)


def training(shapes, batch, features, classes):
    """Parameters, x and class indices, as training() in works.mjs gives them."""
    parameters = []
    for i, shape in enumerate(shapes):
        size, width = math.prod(shape), shape[-1]
        limit = math.sqrt(6 / (size // width + width))
        parameters.append(uniform(size, 10 + 2 * i, limit).reshape(shape))
        parameters.append(uniform(width, 11 + 2 * i, 0.1))
    y = ((uniform(batch, 9).astype("float64") + 1) / 2 * classes).astype("int64")
    return parameters, uniform(batch * features, 8).reshape(batch, features), y


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


class PyTorch:
    def __init__(self, threads):
        import torch

        torch.set_num_threads(threads)
        self.torch, self.version = torch, torch.__version__

    def sgemm(self, m, n, k, **_):
        torch = self.torch
        a = torch.from_numpy(uniform(m * k, 1).reshape(m, k))
        b = torch.from_numpy(uniform(k * n, 2).reshape(k, n))
        c = torch.empty(m, n)
        return Trial(lambda: torch.mm(a, b, out=c), lambda: c.numpy().ravel())

    def map(self, function, n, **_):
        torch = self.torch
        x = torch.from_numpy(uniform(n, 3, 4))
        y = torch.empty_like(x)
        if function != "gelu":
            compute = getattr(torch, function)
            return Trial(lambda: compute(x, out=y), y.numpy)

        def gelu():
            nonlocal y
            y = torch.nn.functional.gelu(x)

        return Trial(gelu, lambda: y.numpy())

    def adam(self, n, **_):
        torch = self.torch
        p = torch.nn.Parameter(torch.from_numpy(uniform(n, 4)))
        p.grad = torch.from_numpy(uniform(n, 5))
        optimizer = torch.optim.Adam([p], LEARNING_RATE, BETAS, EPSILON)
        return Trial(optimizer.step, lambda: p.detach().numpy())

    def copy(self, n, **_):
        x = self.torch.from_numpy(uniform(n, 6))
        y = self.torch.empty_like(x)
        return Trial(lambda: y.copy_(x), y.numpy)

    def filled(self, module, weight, bias):
        """A layer with these weights."""
        with self.torch.no_grad():
            module.weight.copy_(self.torch.from_numpy(weight))
            module.bias.copy_(self.torch.from_numpy(bias))
        return module

    def step(self, layers, batch, **_):
        nn = self.torch.nn
        shapes, classes = list(zip(layers, layers[1:])), max(2, layers[-1])
        parameters, x, y = training(shapes, batch, layers[0], classes)
        modules = []
        for w, b in zip(parameters[::2], parameters[1::2]):
            modules += [self.filled(nn.Linear(*w.shape), w.T, b), nn.ReLU()]
        return self.trial(nn.Sequential(*modules[:-1]), x, y, layers[-1] == 1)

    def convnet(self, batch, **_):
        nn = self.torch.nn
        (w1, b1, w2, b2, w3, b3, w4, b4), x, y = training(CONVNET, batch, 784, 10)
        # Channels come first here, in images, in weights and where they are flattened.
        first, second = w1.transpose(3, 2, 0, 1), w2.transpose(3, 2, 0, 1)
        hidden = w3.reshape(12, 12, 64, 128).transpose(3, 2, 0, 1).reshape(128, 9216)
        model = nn.Sequential(
            self.filled(nn.Conv2d(1, 32, 3), first, b1),
            nn.ReLU(),
            self.filled(nn.Conv2d(32, 64, 3), second, b2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            self.filled(nn.Linear(9216, 128), hidden, b3),
            nn.ReLU(),
            self.filled(nn.Linear(128, 10), w4.T, b4),
        )
        return self.trial(model, x.reshape(batch, 1, 28, 28), y)

    def trial(self, model, x, y, single=False):
        torch, nn = self.torch, self.torch.nn
        x, y = torch.from_numpy(x), torch.from_numpy(y)
        target = y.float().reshape(-1, 1) if single else y
        criterion = nn.BCEWithLogitsLoss() if single else nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE, BETAS, EPSILON)
        last = 0.0

        def run():
            nonlocal last
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(x), target)
            loss.backward()
            optimizer.step()
            last = loss.item()

        return Trial(run, lambda: [last])


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
