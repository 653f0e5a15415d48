#!/usr/bin/env python3
"""Makes the golden values that the tests of the `model` crate compare with.

    pip install torch==2.9.1 numpy
    python scripts/make_model_golden.py

Builds small models of PyTorch's own layers (`nn.RNN`, `nn.GRU`, `nn.LSTM`, `nn.Linear`), with
parameters drawn from a fixed seed and the case's name, and writes down what they compute and every
gradient. Sources are ragged and run through `pack_padded_sequence`. Parameters are float32 numbers;
the arithmetic is float64, so that a golden value is right to float32's last digit.

Written to crates/model/fixtures/, one safetensors file a case:

    encoder-*.safetensors     embedding and recurrent layers
    attention-*.safetensors   one attention over a given memory
    pool-*.safetensors        a fixed context of a given memory
    decoder-*.safetensors     bridge and decoder over a given memory and given encoder states
    model-*.safetensors       from the source to the label-smoothed loss

Each holds the model's config as JSON in its metadata (`config`), and tensors under the names

    parameters/NAME   as in the state dict
    inputs/NAME       ids and lengths (int32), memory, states, queries
    outputs/NAME      what comes out
    cotangents/NAME   the loss is the sum of the outputs of these names times these (not for `model-*`)
    gradients/NAME    of the loss, by parameter
    input_gradients/NAME   of the loss, by input
"""

import json
import struct
import zlib
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

SEED = 20
FIXTURES = Path(__file__).resolve().parent.parent / "crates" / "model" / "fixtures"
PAD, START, END, FIRST_WORD = 0, 2, 3, 4
SOURCE_WORDS, TARGET_WORDS = 11, 13
SMOOTHING = 0.1
COVERAGE_LOSS = 0.5

# Three ragged pairs, one of them with a source of a single token; the longest is not the first.
SOURCE_LENGTHS, TARGET_LENGTHS = [3, 5, 1], [4, 2, 3]


def config(
    embedding=5,
    hidden=8,
    memory=6,
    encoder="lstm",
    decoder="lstm",
    encoder_layers=1,
    decoder_layers=1,
    bidirectional=True,
    nonlinearity="tanh",
    attention="bahdanau",
    query="after",
    context="initial",
    feeding=True,
    tied=False,
    bridge="tanh",
    gates=False,
    **own,
):
    """The config of a model, in the form that the `model` crate reads; `own` are the attention's own keys."""
    found = {
        "embedding_size": embedding,
        "hidden_size": hidden,
        "dropout": 0.0,
        "input_feeding": feeding,
        "tie_embeddings": tied,
        "bridge": bridge,
        "encoder": {
            "kind": encoder,
            "layers": encoder_layers,
            "bidirectional": bidirectional,
            "hidden_size": memory,
        },
        "decoder": {"kind": decoder, "layers": decoder_layers},
        "attention": {"kind": attention},
    }
    for part in ("encoder", "decoder"):
        if found[part]["kind"] == "rnn":
            found[part]["nonlinearity"] = nonlinearity
        if gates:
            found[part]["layer_norm"] = "gates"
    if attention == "none":
        found["context"] = context
    elif attention not in POOLS:
        found["attention"]["query"] = query
    found["attention"].update(own)
    return found


POOLS = ("time-dense", "tanh-pool")


GATES = {"rnn": 1, "gru": 3, "cgru": 3, "lstm": 4}


class GateNorm(nn.Module):
    """Gain and bias of a layer's gates."""

    def __init__(self, part, hidden):
        super().__init__()
        # PyTorch has no name for them. Ours end so.
        self.gate_norm = nn.ParameterDict(
            {name: nn.Parameter(torch.empty(GATES[part["kind"]] * hidden)) for name in ("gain", "bias")}
        )

    def forward(self, gate, sums):
        """Sums [batch, hidden] of a gate, normalised (Ba et al. 2016, equation 4)."""
        size = sums.shape[-1]
        own = slice(gate * size, (gate + 1) * size)
        return F.layer_norm(sums, (size,), self.gate_norm["gain"][own], self.gate_norm["bias"][own])


def normalised_step(part, norm, x, product, h, c):
    """A cell's equations with gates that are normalised, one by one; x is the projected input, product the hidden one."""
    sums = lambda gate: norm(gate, x.chunk(GATES[part["kind"]], -1)[gate] + product.chunk(GATES[part["kind"]], -1)[gate])
    if part["kind"] == "rnn":
        return {"tanh": torch.tanh, "relu": torch.relu}[part["nonlinearity"]](sums(0)), None
    if part["kind"] == "lstm":
        i, f, o = (torch.sigmoid(sums(gate)) for gate in (0, 1, 3))
        c = f * c + i * torch.tanh(sums(2))
        return o * torch.tanh(c), c
    r, z = torch.sigmoid(sums(0)), torch.sigmoid(sums(1))
    n = torch.tanh(norm(2, x.chunk(3, -1)[2] + r * product.chunk(3, -1)[2]))
    return (1 - z) * n + z * h, None


class Normalised(nn.Module):
    """Recurrent layers whose gates are normalised, with the names and the interface of PyTorch's own."""

    def __init__(self, part, size, hidden, bidirectional, norms):
        super().__init__()
        self.part, self.hidden, self.norms = part, hidden, [norms]
        self.ends = ["", "_reverse"][: 1 + bidirectional]
        rows = GATES[part["kind"]] * hidden
        for layer in range(part["layers"]):
            inputs = size if layer == 0 else hidden * len(self.ends)
            for end in self.ends:
                shapes = {"weight_ih": (rows, inputs), "weight_hh": (rows, hidden), "bias_ih": (rows,), "bias_hh": (rows,)}
                for name, shape in shapes.items():
                    self.register_parameter(f"{name}_l{layer}{end}", nn.Parameter(torch.empty(shape)))

    def forward(self, inputs, state=None, lengths=None):
        """Inputs [batch, time, size] to outputs and the last state."""
        rows, time, _ = inputs.shape
        count = self.part["layers"] * len(self.ends)
        has_cell = self.part["kind"] == "lstm"
        if state is None:
            state = torch.zeros(count, rows, self.hidden)
            state = (state, state) if has_cell else state
        hiddens, cells = state if has_cell else (state, [None] * count)
        lengths = torch.full((rows,), time) if lengths is None else lengths
        last = []
        for layer in range(self.part["layers"]):
            outputs = []
            for direction, end in enumerate(self.ends):
                of = lambda name: getattr(self, f"{name}_l{layer}{end}")
                place = layer * len(self.ends) + direction
                h, c = hiddens[place], cells[place]
                found = [None] * time
                for t in reversed(range(time)) if end else range(time):
                    real = (t < lengths).unsqueeze(1)
                    x = F.linear(inputs[:, t], of("weight_ih"), of("bias_ih"))
                    product = F.linear(h, of("weight_hh"), of("bias_hh"))
                    new, cell = normalised_step(self.part, self.norms[0][place], x, product, h, c)
                    found[t] = new * real
                    h = torch.where(real, new, h)
                    c = torch.where(real, cell, c) if has_cell else None
                outputs.append(torch.stack(found, 1))
                last.append((h, c))
            inputs = torch.cat(outputs, -1)
        last = [torch.stack(part) for part in zip(*last) if part[0] is not None]
        return inputs, tuple(last) if has_cell else last[0]


def recurrent(part, size, hidden, bidirectional, norms=None):
    """PyTorch's own layers, or those with normalised gates."""
    if norms is not None:
        return Normalised(part, size, hidden, bidirectional, norms)
    options = {"num_layers": part["layers"], "batch_first": True, "bidirectional": bidirectional}
    if part["kind"] == "rnn":
        return nn.RNN(size, hidden, nonlinearity=part["nonlinearity"], **options)
    return {"gru": nn.GRU, "lstm": nn.LSTM}[part["kind"]](size, hidden, **options)


class Encoder(nn.Module):
    """Embedding and recurrent layers."""

    def __init__(self, config):
        super().__init__()
        part = config["encoder"]
        self.directions = 2 if part["bidirectional"] else 1
        self.embedding = nn.Embedding(SOURCE_WORDS, config["embedding_size"])
        hidden = part["hidden_size"] // self.directions
        self.normalised, norms = "layer_norm" in part, None
        if self.normalised:
            each = lambda: nn.ModuleDict({name: GateNorm(part, hidden) for name in ("onward", "backward")[: self.directions]})
            self.layers = nn.ModuleList(each() for _ in range(part["layers"]))
            norms = [norm for layer in self.layers for norm in layer.values()]
        self.rnn = recurrent(part, config["embedding_size"], hidden, self.directions == 2, norms)

    def forward(self, source, lengths):
        """Memory [batch, source, memory], and each layer's last states [layers, batch, memory]."""
        vectors = self.embedding(source)
        if self.normalised:
            memory, last = self.rnn(vectors, None, lengths)
        else:
            packed = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
            packed, last = self.rnn(packed)
            memory, _ = pad_packed_sequence(packed, batch_first=True, total_length=source.shape[1])
        last = last if isinstance(last, tuple) else (last,)
        rows = source.shape[0]

        def beside(state):
            """[layers * directions, batch, units] to [layers, batch, directions * units]."""
            split = state.view(-1, self.directions, rows, state.shape[-1])
            return split.transpose(1, 2).flatten(2)

        return memory, [beside(state) for state in last]


class Bridge(nn.Module):
    """From the encoder's last states to the decoder's first."""

    def __init__(self, config):
        super().__init__()
        self.kind, self.layers = config["bridge"], config["decoder"]["layers"]
        self.cells = config["decoder"]["kind"] == "lstm"
        memory, self.size = config["encoder"]["hidden_size"], config["hidden_size"]
        self.weight = self.bias = None
        if self.kind in ("tanh", "tanh-cell") or (self.kind == "copy" and memory != self.size):
            self.weight = nn.Parameter(torch.empty(self.size, memory))
        if self.kind in ("tanh", "tanh-cell"):
            self.bias = nn.Parameter(torch.empty(self.size))
        if self.kind == "learned":
            self.hidden = nn.Parameter(torch.empty(self.layers, self.size))
            if self.cells:
                self.cell = nn.Parameter(torch.empty(self.layers, self.size))

    def forward(self, last):
        """States [layers, batch, hidden]: a hidden one, and a cell where the decoder has one."""
        rows = last[0].shape[1]
        zeros = torch.zeros(self.layers, rows, self.size)
        project = (lambda x: x) if self.weight is None else (lambda x: F.linear(x, self.weight, self.bias))
        if self.kind in ("tanh", "tanh-cell"):
            squashed = torch.tanh(project(last[0][-1])).expand(self.layers, -1, -1)
            found = [squashed] if self.kind == "tanh" else [squashed, squashed]
        elif self.kind == "copy":
            same_depth = last[0].shape[0] == self.layers
            copied = last if same_depth else [x[-1:].expand(self.layers, -1, -1) for x in last]
            found = [project(x) for x in copied]
        elif self.kind == "learned":
            learned = [self.hidden, self.cell] if self.cells else [self.hidden]
            found = [x.unsqueeze(1).expand(-1, rows, -1) for x in learned]
        else:
            found = [zeros]
        return (found + [zeros])[:2] if self.cells else found[:1]


class Attention(nn.Module):
    """Queries over a memory."""

    def __init__(self, config):
        super().__init__()
        own = config["attention"]
        self.kind = own["kind"]
        self.window, self.heads = own.get("window"), own.get("heads")
        memory, hidden = config["encoder"]["hidden_size"], config["hidden_size"]
        linear = lambda input: nn.Linear(input, hidden, bias=False)
        differ = self.kind == "scaled-dot" and memory != hidden
        if self.kind in ("bahdanau", "luong-general", "multi-head", "local-m", "local-p") or differ:
            self.key = linear(memory)
        if self.kind == "bahdanau":
            self.query = nn.Linear(hidden, hidden)
        if self.kind == "luong-concat":
            self.linear = linear(hidden + memory)
        if self.kind in ("bahdanau", "luong-concat"):
            self.energy = nn.Linear(hidden, 1, bias=False)
        if own.get("coverage"):
            self.coverage = linear(1)
        if self.kind == "multi-head":
            self.query, self.value, self.output = linear(hidden), linear(memory), linear(hidden)
        if self.kind == "local-p":
            self.position, self.position_energy = linear(hidden), nn.Linear(hidden, 1, bias=False)

    @property
    def covers(self):
        """Whether the weights of the steps before count."""
        return hasattr(self, "coverage")

    def forward(self, query, memory, lengths, step=None, coverage=None):
        """Queries [batch, queries, hidden] to contexts and weights: those of one `step`, with the sum
        of the weights before it, or else those of the steps from the first on."""
        if self.covers and step is None:
            coverage = torch.zeros(memory.shape[:2])
            found = []
            for query in query.unbind(1):
                found.append(self.forward(query.unsqueeze(1), memory, lengths, len(found), coverage))
                coverage = coverage + found[-1][1].squeeze(1)
            return tuple(torch.cat(part, 1) for part in zip(*found))
        real = torch.arange(memory.shape[1]) < lengths.unsqueeze(1)
        if self.kind == "multi-head":
            return self.in_heads(query, memory, real)
        energy = self.energies(query, memory, coverage).masked_fill(~real.unsqueeze(1), float("-inf"))
        if self.kind in ("local-m", "local-p"):
            weights = self.around(self.middle(query, lengths, step), energy)
        else:
            weights = torch.softmax(energy, -1)
        return weights @ memory, weights

    def energies(self, query, memory, coverage):
        """[batch, queries, source]"""
        if self.kind == "bahdanau":
            sum_ = self.query(query).unsqueeze(2) + self.key(memory).unsqueeze(1)
        elif self.kind == "luong-concat":
            shape = [-1, query.shape[1], memory.shape[1], -1]
            pairs = [query.unsqueeze(2).expand(shape), memory.unsqueeze(1).expand(shape)]
            sum_ = self.linear(torch.cat(pairs, -1))
        else:
            keys = self.key(memory) if hasattr(self, "key") else memory
            scale = query.shape[2] ** -0.5 if self.kind == "scaled-dot" else 1
            return query @ keys.transpose(1, 2) * scale
        if self.covers:
            sum_ = sum_ + self.coverage(coverage.unsqueeze(-1)).unsqueeze(1)
        return self.energy(torch.tanh(sum_)).squeeze(-1)

    def in_heads(self, query, memory, real):
        """PyTorch's own."""
        context, weights = F.multi_head_attention_forward(
            query.transpose(0, 1), memory.transpose(0, 1), memory.transpose(0, 1), query.shape[2], self.heads,
            in_proj_weight=None, in_proj_bias=None, bias_k=None, bias_v=None, add_zero_attn=False,
            dropout_p=0.0, out_proj_weight=self.output.weight, out_proj_bias=None, key_padding_mask=~real,
            use_separate_proj_weight=True, q_proj_weight=self.query.weight, k_proj_weight=self.key.weight,
            v_proj_weight=self.value.weight,
        )  # fmt: skip
        return context.transpose(0, 1), weights

    def middle(self, query, lengths, step):
        """The position around which each query looks, [batch, queries]."""
        if self.kind == "local-p":
            place = self.position_energy(torch.tanh(self.position(query))).squeeze(-1)
            return torch.sigmoid(place) * lengths.unsqueeze(1)
        steps = torch.arange(query.shape[1]) if step is None else torch.full([query.shape[1]], step)
        return torch.minimum(steps, lengths.unsqueeze(1) - 1).double()

    def around(self, middle, energy):
        """Weights within the window."""
        distance = torch.arange(energy.shape[2]) - middle.unsqueeze(2)
        weights = torch.softmax(energy.masked_fill(distance.abs() > self.window, float("-inf")), -1)
        if self.kind == "local-p":
            weights = weights * torch.exp(-(distance**2) / (2 * (self.window / 2) ** 2))
        return weights


class Pool(nn.Module):
    """A layer over time that makes a fixed context of a memory."""

    def __init__(self, config):
        super().__init__()
        own = config["attention"]
        self.kind, self.single = own["kind"], own.get("single_vector")
        if self.kind in POOLS:
            positions = own["max_source_length"] + 1
            self.weight = nn.Parameter(torch.empty(positions, positions))
            self.bias = nn.Parameter(torch.empty(positions))

    def forward(self, memory, lengths):
        """The weighted memory, and the weights, both [batch, source, features]."""
        real = (torch.arange(memory.shape[1]) < lengths.unsqueeze(1)).unsqueeze(2)
        rows = torch.zeros(memory.shape[0], self.bias.shape[0], memory.shape[2])
        rows[:, : memory.shape[1]] = memory * real
        scores = rows.transpose(1, 2) @ self.weight + self.bias
        scores = torch.tanh(scores) if self.kind == "tanh-pool" else scores
        inside = torch.arange(self.bias.shape[0]) < lengths.unsqueeze(1)
        weights = torch.softmax(scores.masked_fill(~inside.unsqueeze(1), float("-inf")), -1)
        if self.single:
            weights = weights.mean(1, keepdim=True).expand(-1, memory.shape[2], -1)
        weights = weights.transpose(1, 2)[:, : memory.shape[1]]
        return memory * weights, weights


class Decoder(nn.Module):
    """Recurrent layers over the target, mixed with what attention finds."""

    def __init__(self, config):
        super().__init__()
        memory, hidden = config["encoder"]["hidden_size"], config["hidden_size"]
        kind = config["attention"]["kind"]
        self.attends = kind not in ("none", *POOLS)
        context = hidden if kind == "multi-head" else memory
        self.before = config["attention"].get("query") == "before"
        self.feeds = config["input_feeding"] and not self.before
        self.every_step = config.get("context") == "every-step" or kind in POOLS
        beside = context * self.before + memory * self.every_step + hidden * self.feeds
        self.embedding = nn.Embedding(TARGET_WORDS, config["embedding_size"])
        part, norms = config["decoder"], None
        if "layer_norm" in part:
            norms = self.layers = nn.ModuleList(GateNorm(part, hidden) for _ in range(part["layers"]))
        self.rnn = recurrent(part, config["embedding_size"] + beside, hidden, False, norms)
        self.combine = nn.Linear(hidden + context if self.attends else hidden, hidden)

    def forward(self, words, memory, lengths, last, state, attention, pool):
        """The attentional states f [batch, time, hidden], and weights [batch, time, source]."""
        vectors = self.embedding(words)
        pooled = None
        if self.every_step:
            fixed = last[0][-1]
            if pool.kind in POOLS:
                weighted, pooled = pool(memory, lengths)
                fixed = weighted.sum(1)
                pooled = pooled.mean(2).unsqueeze(1).expand(-1, words.shape[1], -1)
            fixed = fixed.unsqueeze(1).expand(-1, words.shape[1], -1)
        as_torch = lambda state: tuple(x.contiguous() for x in state) if len(state) == 2 else state[0].contiguous()
        if not (self.feeds or self.before):
            inputs = torch.cat([vectors, fixed], -1) if self.every_step else vectors
            states, _ = self.rnn(inputs, as_torch(state))
            f, seen = self.mix(states, memory, lengths, attention)
            return f, pooled if seen is None else seen
        f = torch.zeros(words.shape[0], 1, self.combine.out_features)
        coverage = torch.zeros(memory.shape[:2])
        outputs, weights = [], []
        for time in range(words.shape[1]):
            inputs = [vectors[:, time : time + 1]]
            if self.feeds:
                inputs.append(f)
            if self.before:
                query = state[0][-1].unsqueeze(1)
                context, seen = attention(query, memory, lengths, time, coverage)
                inputs.append(context)
            if self.every_step:
                inputs.append(fixed[:, time : time + 1])
            top, state = self.rnn(torch.cat(inputs, -1), as_torch(state))
            state = state if isinstance(state, tuple) else (state,)
            if self.before:
                f = torch.tanh(self.combine(torch.cat([top, context], -1)))
            else:
                f, seen = self.mix(top, memory, lengths, attention, time, coverage)
            coverage = coverage + seen.squeeze(1) if self.attends else None
            outputs.append(f)
            weights.append(seen)
        return torch.cat(outputs, 1), torch.cat(weights, 1) if self.attends else pooled

    def mix(self, states, memory, lengths, attention, step=None, coverage=None):
        """f of states that have asked nothing yet, and the weights of their questions."""
        weights = None
        if self.attends:
            context, weights = attention(states, memory, lengths, step, coverage)
            states = torch.cat([states, context], -1)
        return torch.tanh(self.combine(states)), weights


class Transitions(nn.Module):
    """Cells of gated recurrent units, with the names that layers of one module would have."""

    def __init__(self, sizes, hidden, norms=None):
        super().__init__()
        self.norms = [norms]
        for layer, size in enumerate(sizes):
            for name, shape in (("weight_ih", (size,)), ("weight_hh", (hidden,)), ("bias_ih", ()), ("bias_hh", ())):
                parameter = nn.Parameter(torch.empty(3 * hidden, *shape))
                self.register_parameter(f"{name}_l{layer}", parameter)

    def forward(self, layer, inputs, state):
        names = (f"{name}_l{layer}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        own = [getattr(self, name) for name in names]
        if self.norms[0] is None:
            return torch.gru_cell(inputs, state, *own)
        x, product = F.linear(inputs, own[0], own[2]), F.linear(state, own[1], own[3])
        return normalised_step({"kind": "gru"}, self.norms[0][layer], x, product, state, None)[0]


class ConditionalDecoder(nn.Module):
    """Two transitions round the attention (Sennrich et al. 2017, appendix A)."""

    def __init__(self, config):
        super().__init__()
        memory, hidden = config["encoder"]["hidden_size"], config["hidden_size"]
        context = hidden if config["attention"]["kind"] == "multi-head" else memory
        self.embedding = nn.Embedding(TARGET_WORDS, config["embedding_size"])
        norms = None
        if "layer_norm" in config["decoder"]:
            norms = self.layers = nn.ModuleList(GateNorm(config["decoder"], hidden) for _ in range(2))
        self.rnn = Transitions((config["embedding_size"], context), hidden, norms)
        self.combine = nn.Linear(hidden + context, hidden)

    def forward(self, words, memory, lengths, last, state, attention, pool):
        """The attentional states f [batch, time, hidden], and weights [batch, time, source]."""
        vectors, state = self.embedding(words), state[0][0]
        coverage = torch.zeros(memory.shape[:2])
        outputs, weights = [], []
        for time in range(words.shape[1]):
            state = self.rnn(0, vectors[:, time], state)
            context, seen = attention(state.unsqueeze(1), memory, lengths, time, coverage)
            context = context.squeeze(1)
            state = self.rnn(1, context, state)
            coverage = coverage + seen.squeeze(1)
            outputs.append(torch.tanh(self.combine(torch.cat([state, context], -1))))
            weights.append(seen)
        return torch.stack(outputs, 1), torch.cat(weights, 1)


class Output(nn.Module):
    """From f to the words; without a matrix of its own where the target embedding serves."""

    def __init__(self, config):
        super().__init__()
        embedding, hidden = config["embedding_size"], config["hidden_size"]
        self.project = self.weight = None
        if not config["tie_embeddings"]:
            self.weight = nn.Parameter(torch.empty(TARGET_WORDS, hidden))
        elif embedding != hidden:
            self.project = nn.Linear(hidden, embedding, bias=False)
        self.bias = nn.Parameter(torch.empty(TARGET_WORDS))

    def forward(self, f, embedding):
        """Logits."""
        f = f if self.project is None else self.project(f)
        return F.linear(f, embedding if self.weight is None else self.weight, self.bias)


class Seq2Seq(nn.Module):
    """The whole model."""

    def __init__(self, config):
        super().__init__()
        self.encoder, self.bridge = Encoder(config), Bridge(config)
        self.attention, self.pool = Attention(config), Pool(config)
        conditional = config["decoder"]["kind"] == "cgru"
        self.decoder = ConditionalDecoder(config) if conditional else Decoder(config)
        self.output = Output(config)

    def forward(self, source, source_lengths, words, right, lengths):
        """The smoothed loss, the negative log-likelihood and the coverage loss (See et al. 2017,
        equation 13), summed over real target words."""
        memory, last = self.encoder(source, source_lengths)
        states = self.bridge(last)
        f, weights = self.decoder(words, memory, source_lengths, last, states, self.attention, self.pool)
        real = torch.arange(words.shape[1]) < lengths.unsqueeze(1)
        logits = self.output(f[real], self.decoder.embedding.weight)
        loss = F.cross_entropy(logits, right[real], label_smoothing=SMOOTHING, reduction="sum")
        coverage = None
        if weights is not None:
            before = weights.cumsum(1) - weights
            coverage = torch.minimum(weights, before)[real].sum()
        return loss, F.cross_entropy(logits, right[real], reduction="sum"), coverage


class Case:
    """One file."""

    def __init__(self, name, config):
        self.name, self.config, self.tensors = name, config, {}
        self.random = torch.Generator().manual_seed(zlib.crc32(f"{SEED} {name}".encode()))
        self.model = Seq2Seq(config)
        with torch.no_grad():
            for parameter in self.model.parameters():
                parameter.copy_(self.numbers(*parameter.shape))

    def numbers(self, *shape, bound=0.8):
        """float32 numbers in [-bound, bound), held as float64."""
        return ((torch.rand(shape, generator=self.random, dtype=torch.float32) * 2 - 1) * bound).double()

    def input(self, name, value):
        """Keeps an input; one that is not an index gets a gradient."""
        self.tensors[f"inputs/{name}"] = value
        return value.requires_grad_() if value.is_floating_point() else value

    def lengths(self, name, lengths):
        """Keeps the lengths of a padded input."""
        return self.input(name, torch.tensor(lengths))

    def words(self, name, lengths, vocabulary, close=None):
        """Padded rows of random words, each ending with the mark `close` if there is one."""
        rows = torch.full((len(lengths), max(lengths)), PAD)
        for row, length in zip(rows, lengths):
            row[:length] = torch.randint(FIRST_WORD, vocabulary, (length,), generator=self.random)
            if close is not None:
                row[length - 1] = close
        return self.input(name, rows) if name else rows

    def close(self, outputs, parts):
        """Keeps outputs, draws the loss from them, and ends with the gradients of `parts`."""
        loss = 0
        for name, value in outputs.items():
            cotangent = self.numbers(*value.shape, bound=1.0)
            self.tensors[f"outputs/{name}"] = value
            self.tensors[f"cotangents/{name}"] = cotangent
            loss = loss + (value * cotangent).sum()
        self.write(loss, parts)

    def write(self, loss, parts):
        """Writes the file, with the gradients of `loss`."""
        loss.backward()
        self.tensors["outputs/loss"] = loss.reshape(1)
        for name, parameter in self.model.named_parameters():
            if name.split(".")[0] in parts:
                gradient = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
                # PyTorch lets no part be called so.
                name = name.replace(".onward.", ".forward.")
                self.tensors[f"parameters/{name}"] = parameter
                self.tensors[f"gradients/{name}"] = gradient
        for name, value in list(self.tensors.items()):
            if name.startswith("inputs/") and value.is_floating_point():
                name = name.removeprefix("inputs/")
                self.tensors[f"input_gradients/{name}"] = value.grad
        write_safetensors(FIXTURES / f"{self.name}.safetensors", self.tensors, self.config)


def write_safetensors(path, tensors, config):
    """The format of https://github.com/huggingface/safetensors: header length, JSON, bytes."""
    header = {"__metadata__": {"config": json.dumps(config)}}
    body = b""
    for name, tensor in sorted(tensors.items()):
        numbers = tensor.detach().numpy()
        kind, name_of_kind = (numpy.float32, "F32") if tensor.is_floating_point() else (numpy.int32, "I32")
        data = numpy.ascontiguousarray(numbers.astype(kind)).tobytes()
        offsets = [len(body), len(body) + len(data)]
        header[name] = {"dtype": name_of_kind, "shape": list(numbers.shape), "data_offsets": offsets}
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def state_names(states):
    """The parts of a recurrent state by name."""
    return dict(zip(("hidden", "cell"), states))


def encoder(name, **settings):
    case = Case(f"encoder-{name}", config(**settings))
    source = case.words("source", SOURCE_LENGTHS, SOURCE_WORDS, END)
    memory, last = case.model.encoder(source, case.lengths("source_lengths", SOURCE_LENGTHS))
    case.close({"memory": memory, **state_names(last)}, ["encoder"])


def attention(name, queries=4, **settings):
    case = Case(f"attention-{name}", config(**{"attention": name, **settings}))
    lengths = case.lengths("source_lengths", SOURCE_LENGTHS)
    # Numbers at padding too: nothing may depend on them.
    rows, memory = len(SOURCE_LENGTHS), case.config["encoder"]["hidden_size"]
    memory = case.input("memory", case.numbers(rows, max(SOURCE_LENGTHS), memory))
    query = case.input("query", case.numbers(rows, queries, case.config["hidden_size"]))
    context, weights = case.model.attention(query, memory, lengths)
    case.close({"context": context, "weights": weights}, ["attention"])


def pool(name, **settings):
    case = Case(f"pool-{name}", config(**settings))
    lengths = case.lengths("source_lengths", SOURCE_LENGTHS)
    rows, memory = len(SOURCE_LENGTHS), case.config["encoder"]["hidden_size"]
    memory = case.input("memory", case.numbers(rows, max(SOURCE_LENGTHS), memory))
    weighted, weights = case.model.pool(memory, lengths)
    outputs = {"context": weighted.sum(1), "mean": weights.mean(2), "weighted": weighted, "weights": weights}
    case.close(outputs, ["pool"])


def decode(case, longest):
    """The decoder of a case's model alone, for targets of `longest` words."""
    lengths = case.lengths("source_lengths", SOURCE_LENGTHS)
    rows, size = len(SOURCE_LENGTHS), case.config["encoder"]["hidden_size"]
    words = case.words("words", [longest] * rows, TARGET_WORDS)
    real = torch.arange(max(SOURCE_LENGTHS)) < lengths.unsqueeze(1)
    memory = case.input("memory", case.numbers(*real.shape, size) * real.unsqueeze(-1))
    parts = 2 if case.config["encoder"]["kind"] == "lstm" else 1
    last = [case.numbers(case.config["encoder"]["layers"], rows, size) for _ in range(parts)]
    last = [case.input(name, state) for name, state in state_names(last).items()]
    model = case.model
    f, weights = model.decoder(
        words, memory, lengths, last, model.bridge(last), model.attention, model.pool
    )
    if weights is not None:
        case.tensors["outputs/weights"] = weights
    for value in [memory, *last]:
        value.grad = torch.zeros_like(value)
    case.close({"f": f}, ["decoder", "attention", "pool", "bridge"])


def decoder(name, **settings):
    decode(Case(f"decoder-{name}", config(**settings)), max(TARGET_LENGTHS))


def model(name, covered=False, **settings):
    case = Case(f"model-{name}", config(**settings))
    source = case.words("source", SOURCE_LENGTHS, SOURCE_WORDS, END)
    right = case.words("right", TARGET_LENGTHS, TARGET_WORDS, END)
    words = torch.roll(right, 1, 1)
    words[:, 0] = START
    words[torch.arange(words.shape[1]) >= torch.tensor(TARGET_LENGTHS).unsqueeze(1)] = PAD
    case.input("words", words)
    loss, likelihood, coverage = case.model(
        source,
        case.lengths("source_lengths", SOURCE_LENGTHS),
        words,
        right,
        case.lengths("target_lengths", TARGET_LENGTHS),
    )
    case.tensors["outputs/negative_log_likelihood"] = likelihood.reshape(1)
    if covered:
        case.tensors["outputs/coverage"] = coverage.reshape(1)
        loss = loss + COVERAGE_LOSS * coverage
    case.write(loss, ["encoder", "bridge", "attention", "pool", "decoder", "output"])


def main():
    torch.set_default_dtype(torch.float64)
    FIXTURES.mkdir(exist_ok=True)
    for family in ("encoder", "attention", "pool", "decoder", "model"):
        for old in FIXTURES.glob(f"{family}-*.safetensors"):
            old.unlink()

    for kind, cell in [
        ("rnn-tanh", {"encoder": "rnn"}),
        ("rnn-relu", {"encoder": "rnn", "nonlinearity": "relu"}),
        ("gru", {"encoder": "gru"}),
        ("lstm", {"encoder": "lstm"}),
    ]:
        for bidirectional in (False, True):
            for layers in (1, 2):
                name = f"{kind}-{'two-way' if bidirectional else 'one-way'}-{layers}"
                encoder(name, bidirectional=bidirectional, encoder_layers=layers, **cell)

    encoder("gates-lstm-two-way-2", gates=True, encoder_layers=2)
    encoder("gates-gru-one-way", gates=True, encoder="gru", bidirectional=False)
    encoder("gates-rnn-relu", gates=True, encoder="rnn", nonlinearity="relu")

    # A dot product needs both of one size.
    attention("bahdanau", 2)
    attention("luong-dot", 2, memory=8)
    attention("luong-general", 2)
    attention("luong-concat", 2)
    attention("scaled-dot", memory=8)
    attention("scaled-dot-projected", attention="scaled-dot")
    attention("multi-head", heads=4)
    attention("multi-head-one", attention="multi-head", heads=1)
    attention("local-m", window=1)
    attention("local-m-wide", attention="local-m", window=4)
    attention("local-p", window=1)
    attention("local-p-wide", attention="local-p", window=3)
    attention("bahdanau-coverage", attention="bahdanau", coverage=True)
    attention("luong-concat-coverage", attention="luong-concat", coverage=True)

    pool("time-dense", attention="time-dense", max_source_length=6)
    pool("time-dense-single", attention="time-dense", max_source_length=4, single_vector=True)
    pool("tanh-pool", attention="tanh-pool", max_source_length=6)

    decoder("bahdanau-fed")
    decoder("bahdanau-unfed", feeding=False)
    decoder("bahdanau-before", query="before")
    decoder("bahdanau-before-gru-2", query="before", decoder="gru", decoder_layers=2)
    decoder("luong-dot-fed", attention="luong-dot", memory=8)
    decoder("luong-general-fed", attention="luong-general", decoder="gru")
    decoder("luong-concat-fed", attention="luong-concat", decoder="rnn")
    decoder("luong-concat-unfed", attention="luong-concat", feeding=False)
    decoder("none-initial-fed", attention="none")
    decoder("none-initial-unfed", attention="none", feeding=False)
    decoder("none-every-step-fed", attention="none", context="every-step", decoder="gru")
    decoder("none-every-step-unfed", attention="none", context="every-step", feeding=False)
    decoder("learned-lstm-2", bridge="learned", decoder_layers=2)
    decoder("copy-deeper", bridge="copy", encoder_layers=1, decoder_layers=2)
    decoder("copy-gru-to-lstm", bridge="copy", encoder="gru", memory=8)
    decoder("zero", bridge="zero", encoder="gru", decoder="gru")
    decoder("tanh-cell", bridge="tanh-cell", decoder_layers=2)
    decoder("scaled-dot-fed", attention="scaled-dot")
    decoder("scaled-dot-before", attention="scaled-dot", memory=8, query="before", decoder="gru")
    decoder("multi-head-fed", attention="multi-head", heads=2)
    decoder("multi-head-unfed", attention="multi-head", heads=4, feeding=False, decoder="rnn")
    decoder("multi-head-before", attention="multi-head", heads=2, query="before", decoder_layers=2)
    decoder("local-m-fed", attention="local-m", window=1)
    decoder("local-m-unfed", attention="local-m", window=1, feeding=False)
    decoder("local-m-before", attention="local-m", window=2, query="before", decoder="rnn")
    decoder("local-p-fed", attention="local-p", window=2)
    decoder("local-p-unfed", attention="local-p", window=1, feeding=False, decoder="gru")
    decoder("local-p-before", attention="local-p", window=2, query="before", decoder_layers=2)
    decoder("bahdanau-coverage-fed", coverage=True)
    decoder("bahdanau-coverage-unfed", coverage=True, feeding=False, decoder="gru")
    decoder("bahdanau-coverage-before", coverage=True, query="before", decoder_layers=2)
    decoder("luong-concat-coverage-fed", attention="luong-concat", coverage=True, decoder="rnn")
    decoder("time-dense-fed", attention="time-dense", max_source_length=6)
    decoder("time-dense-single", attention="time-dense", max_source_length=5, single_vector=True, feeding=False)
    decoder("tanh-pool-fed", attention="tanh-pool", max_source_length=4, decoder="gru")
    decoder("tanh-pool-unfed", attention="tanh-pool", max_source_length=6, feeding=False, decoder_layers=2)

    for name, own in {
        "bahdanau": {},
        "coverage": {"attention": "bahdanau", "coverage": True, "encoder": "gru"},
        "luong-concat": {"bridge": "learned"},
        "luong-dot": {"memory": 8},
        "scaled-dot": {"bridge": "copy", "encoder": "gru"},
        "multi-head": {"heads": 2},
        "local-m": {"window": 1},
        "local-p": {"window": 2, "bridge": "zero"},
    }.items():
        decoder(f"cgru-{name}", **{"attention": name, "decoder": "cgru", "feeding": False, **own})

    decoder("gates-lstm-fed-2", gates=True, decoder_layers=2)
    decoder("gates-gru-before", gates=True, decoder="gru", query="before")
    decoder("gates-rnn-unfed", gates=True, decoder="rnn", feeding=False)
    decoder("gates-cgru", gates=True, decoder="cgru", feeding=False)

    model("gates-lstm", gates=True)
    model("gates-gru-2", gates=True, encoder="gru", decoder="gru", decoder_layers=2, attention="luong-general")
    model("gates-cgru", gates=True, encoder="gru", decoder="cgru", feeding=False)
    model("cgru-bahdanau", encoder="gru", decoder="cgru", feeding=False)
    model("cgru-coverage-loss", covered=True, coverage=True, decoder="cgru", feeding=False, tied=True)
    model("lstm-bahdanau-fed")
    model("gru-general-unfed", encoder="gru", decoder="gru", attention="luong-general", feeding=False)
    model(
        "lstm-2-dot-fed",
        encoder_layers=2,
        decoder_layers=2,
        attention="luong-dot",
        memory=8,
        bridge="copy",
    )
    model("lstm-bahdanau-before", query="before")
    model("rnn-none", encoder="rnn", decoder="rnn", attention="none")
    model("rnn-none-every-step", encoder="rnn", decoder="rnn", attention="none", context="every-step")
    model("gru-2-bahdanau-fed", encoder="gru", decoder="gru", encoder_layers=2, decoder_layers=2)
    model("concat-tied-projected", attention="luong-concat", tied=True, bridge="learned")
    model("tied", embedding=8, tied=True, bridge="zero", encoder="gru", bidirectional=False)
    model("multi-head", attention="multi-head", heads=4)
    model("local-p-before", attention="local-p", window=1, query="before", encoder="gru", decoder="gru")
    model("tanh-pool", attention="tanh-pool", max_source_length=5)
    model("coverage-loss", covered=True, coverage=True)
    model("coverage-loss-before", covered=True, coverage=True, query="before", decoder="gru")
    model("coverage-loss-unfed", covered=True, attention="luong-concat", coverage=True, feeding=False)
    model("coverage-loss-general", covered=True, attention="luong-general")
    model("coverage-loss-heads-unfed", covered=True, attention="multi-head", heads=2, feeding=False)
    model("coverage-loss-local", covered=True, attention="local-p", window=2)
    model("coverage-loss-heads", covered=True, attention="multi-head", heads=2)


if __name__ == "__main__":
    main()
