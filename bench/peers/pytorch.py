"""PyTorch at each kind of work, for native.py, which imports torch when it opens a peer."""

from inputs import Trial, gpt_inputs, recurrent_inputs, training, uniform, with_biases

# As in works.mjs.
LEARNING_RATE, BETAS, EPSILON = 1e-3, (0.9, 0.999), 1e-8
DECAY, CLIP_NORM = 0.1, 1.0
CONVNET = [(3, 3, 1, 32), (3, 3, 32, 64), (9216, 128), (128, 10)]


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
        parameters, x, y = training(with_biases(shapes), batch, layers[0], classes)
        modules = []
        for w, b in zip(parameters[::2], parameters[1::2]):
            modules += [self.filled(nn.Linear(*w.shape), w.T, b), nn.ReLU()]
        return self.trial(nn.Sequential(*modules[:-1]), x, y, layers[-1] == 1)

    def convnet(self, batch, **_):
        nn = self.torch.nn
        (w1, b1, w2, b2, w3, b3, w4, b4), x, y = training(with_biases(CONVNET), batch, 784, 10)
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

    def recurrent(self, cell, batch, steps, features, units, **_):
        from torch_networks import Recurrent

        parameters, x, y = recurrent_inputs(cell, batch, steps, features, units)
        # Steps come first, which PyTorch takes less time for.
        x = x.reshape(batch, steps, features).transpose(1, 0, 2).copy()
        return self.trial(Recurrent(cell, parameters), x, y)

    def gpt(self, batch, layers, heads, width, time, vocabulary, **_):
        from torch_networks import Gpt

        torch = self.torch
        parameters, ids, following = gpt_inputs(batch, layers, width, time, vocabulary)
        model = Gpt(parameters, layers, heads)
        settings = {"lr": LEARNING_RATE, "betas": BETAS, "eps": EPSILON, "weight_decay": DECAY}
        optimizer = torch.optim.AdamW(model.parameters(), **settings)
        return self.trial(model, ids, following, optimizer=optimizer, clip_norm=CLIP_NORM)

    def trial(self, model, x, y, single=False, optimizer=None, clip_norm=None):
        torch, nn = self.torch, self.torch.nn
        x, y = torch.from_numpy(x), torch.from_numpy(y)
        target = y.float().reshape(-1, 1) if single else y
        criterion = nn.BCEWithLogitsLoss() if single else nn.CrossEntropyLoss()
        if not optimizer:
            optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE, BETAS, EPSILON)
        last = 0.0

        def run():
            nonlocal last
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(x), target)
            loss.backward()
            if clip_norm:
                nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
            optimizer.step()
            last = loss.item()

        return Trial(run, lambda: [last])
