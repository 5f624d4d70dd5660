"""Networks of sequences in PyTorch, from parameters in the order and layout of works.mjs."""

import math

import torch
from torch import nn
from torch.nn import functional as F


def filled(module, *parameters):
    """A module with these parameters, in the order of its own."""
    with torch.no_grad():
        for own, given in zip(module.parameters(), parameters):
            own.copy_(torch.from_numpy(given))
    return module


def linear(weight, bias):
    return filled(nn.Linear(*weight.shape), weight.T, bias)


class Recurrent(nn.Module):
    """An LSTM or GRU over x [steps, batch, features], and a dense layer behind its last state."""

    def __init__(self, cell, parameters):
        super().__init__()
        weight, recurrent_weight, bias, *output = parameters
        features, units = len(weight), len(recurrent_weight)
        if cell == "gru":
            # Gates r, z, n for z, r, n.
            turned = [self.exchanged(each) for each in (weight, recurrent_weight, *bias)]
            weight, recurrent_weight, *biases = turned
            layer = nn.GRU(features, units)
        else:
            biases = [bias, bias * 0]
            layer = nn.LSTM(features, units)
            # Both biases of an LSTM are added: two that were trained would take steps twice as long.
            layer.bias_hh_l0.requires_grad_(False)
        self.layer = filled(layer, weight.T, recurrent_weight.T, *biases)
        self.output = linear(*output)

    @staticmethod
    def exchanged(columns):
        """Blocks of columns in the order 1, 0, 2."""
        units = columns.shape[-1] // 3
        first, second, third = (columns[..., i * units : (i + 1) * units] for i in range(3))
        return torch.cat([torch.from_numpy(each) for each in (second, first, third)], -1).numpy()

    def forward(self, x):
        return self.output(self.layer(x)[0][-1])


class Block(nn.Module):
    """A block of GPT-2, as nanoGPT has it for PyTorch before 2.0."""

    def __init__(self, parameters, heads):
        super().__init__()
        width, self.heads = len(parameters[0]), heads
        self.norm1 = filled(nn.LayerNorm(width), *parameters[0:2])
        self.projection = linear(*parameters[2:4])
        self.output = linear(*parameters[4:6])
        self.norm2 = filled(nn.LayerNorm(width), *parameters[6:8])
        self.hidden = linear(*parameters[8:10])
        self.result = linear(*parameters[10:12])

    def attention(self, x, hidden_pairs):
        batch, time, width = x.shape
        rows = (batch, time, self.heads, width // self.heads)
        q, k, v = (part.view(rows).transpose(1, 2) for part in self.projection(x).split(width, 2))
        scores = q @ k.transpose(-2, -1) * (1 / math.sqrt(rows[-1]))
        weights = F.softmax(scores.masked_fill(hidden_pairs, -math.inf), -1)
        return self.output((weights @ v).transpose(1, 2).reshape(batch, time, width))

    def forward(self, x, hidden_pairs):
        x = x + self.attention(self.norm1(x), hidden_pairs)
        return x + self.result(F.gelu(self.hidden(self.norm2(x))))


class Gpt(nn.Module):
    """Logits [batch · time, vocabulary] of ids [batch, time]."""

    def __init__(self, parameters, layers, heads):
        super().__init__()
        table, positions, *others = parameters
        self.table = filled(nn.Embedding(*table.shape), table)
        self.positions = filled(nn.Embedding(*positions.shape), positions)
        blocks = [Block(others[12 * i : 12 * (i + 1)], heads) for i in range(layers)]
        self.blocks = nn.ModuleList(blocks)
        self.norm = filled(nn.LayerNorm(table.shape[1]), *others[-2:])
        time = len(positions)
        self.register_buffer("steps", torch.arange(time))
        self.register_buffer("hidden_pairs", torch.ones(time, time).triu(1).bool())

    def forward(self, ids):
        x = self.table(ids) + self.positions(self.steps)
        for block in self.blocks:
            x = block(x, self.hidden_pairs)
        return F.linear(self.norm(x), self.table.weight).flatten(0, 1)
