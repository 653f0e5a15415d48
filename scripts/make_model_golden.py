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
):
    """The config of a model, in the form that the `model` crate reads."""
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
    if attention == "none":
        found["context"] = context
    else:
        found["attention"]["query"] = query
    return found


def recurrent(part, size, hidden, bidirectional):
    """PyTorch's own layers."""
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
        self.rnn = recurrent(
            part, config["embedding_size"], part["hidden_size"] // self.directions, self.directions == 2
        )

    def forward(self, source, lengths):
        """Memory [batch, source, memory], and each layer's last states [layers, batch, memory]."""
        packed = pack_padded_sequence(
            self.embedding(source), lengths, batch_first=True, enforce_sorted=False
        )
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
        if self.kind == "tanh" or (self.kind == "copy" and memory != self.size):
            self.weight = nn.Parameter(torch.empty(self.size, memory))
        if self.kind == "tanh":
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
        if self.kind == "tanh":
            found = [torch.tanh(project(last[0][-1])).expand(self.layers, -1, -1)]
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
        self.kind = config["attention"]["kind"]
        memory, hidden = config["encoder"]["hidden_size"], config["hidden_size"]
        if self.kind in ("bahdanau", "luong-general"):
            self.key = nn.Linear(memory, hidden, bias=False)
        if self.kind == "bahdanau":
            self.query = nn.Linear(hidden, hidden)
        if self.kind == "luong-concat":
            self.linear = nn.Linear(hidden + memory, hidden, bias=False)
        if self.kind in ("bahdanau", "luong-concat"):
            self.energy = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, memory, lengths):
        """Queries [batch, queries, hidden] to contexts and weights."""
        if self.kind == "bahdanau":
            sum_ = self.query(query).unsqueeze(2) + self.key(memory).unsqueeze(1)
            energy = self.energy(torch.tanh(sum_)).squeeze(-1)
        elif self.kind == "luong-concat":
            shape = [-1, query.shape[1], memory.shape[1], -1]
            pairs = [query.unsqueeze(2).expand(shape), memory.unsqueeze(1).expand(shape)]
            energy = self.energy(torch.tanh(self.linear(torch.cat(pairs, -1)))).squeeze(-1)
        else:
            keys = memory if self.kind == "luong-dot" else self.key(memory)
            energy = query @ keys.transpose(1, 2)
        real = torch.arange(memory.shape[1]) < lengths.unsqueeze(1)
        weights = torch.softmax(energy.masked_fill(~real.unsqueeze(1), float("-inf")), -1)
        return weights @ memory, weights


class Decoder(nn.Module):
    """Recurrent layers over the target, mixed with what attention finds."""

    def __init__(self, config):
        super().__init__()
        memory, hidden = config["encoder"]["hidden_size"], config["hidden_size"]
        self.attends = config["attention"]["kind"] != "none"
        self.before = config["attention"].get("query") == "before"
        self.feeds = config["input_feeding"] and not self.before
        self.every_step = config.get("context") == "every-step"
        beside = memory * (self.before + self.every_step) + hidden * self.feeds
        self.embedding = nn.Embedding(TARGET_WORDS, config["embedding_size"])
        self.rnn = recurrent(config["decoder"], config["embedding_size"] + beside, hidden, False)
        self.combine = nn.Linear(hidden + memory if self.attends else hidden, hidden)

    def forward(self, words, memory, lengths, last, state, attention):
        """The attentional states f [batch, time, hidden], and weights [batch, time, source]."""
        vectors = self.embedding(words)
        if self.every_step:
            fixed = last[0][-1].unsqueeze(1).expand(-1, words.shape[1], -1)
        as_torch = lambda state: tuple(x.contiguous() for x in state) if len(state) == 2 else state[0].contiguous()
        if not (self.feeds or self.before):
            inputs = torch.cat([vectors, fixed], -1) if self.every_step else vectors
            states, _ = self.rnn(inputs, as_torch(state))
            return self.mix(states, memory, lengths, attention)
        f = torch.zeros(words.shape[0], 1, self.combine.out_features)
        outputs, weights = [], []
        for time in range(words.shape[1]):
            inputs = [vectors[:, time : time + 1]]
            if self.feeds:
                inputs.append(f)
            if self.before:
                context, seen = attention(state[0][-1].unsqueeze(1), memory, lengths)
                inputs.append(context)
            if self.every_step:
                inputs.append(fixed[:, time : time + 1])
            top, state = self.rnn(torch.cat(inputs, -1), as_torch(state))
            state = state if isinstance(state, tuple) else (state,)
            if self.before:
                f = torch.tanh(self.combine(torch.cat([top, context], -1)))
            else:
                f, seen = self.mix(top, memory, lengths, attention)
            outputs.append(f)
            weights.append(seen)
        return torch.cat(outputs, 1), torch.cat(weights, 1) if self.attends else None

    def mix(self, states, memory, lengths, attention):
        """f of states that have asked nothing yet, and the weights of their questions."""
        weights = None
        if self.attends:
            context, weights = attention(states, memory, lengths)
            states = torch.cat([states, context], -1)
        return torch.tanh(self.combine(states)), weights


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
        self.attention, self.decoder = Attention(config), Decoder(config)
        self.output = Output(config)

    def forward(self, source, source_lengths, words, right, lengths):
        """The smoothed loss and the negative log-likelihood, summed over real target words."""
        memory, last = self.encoder(source, source_lengths)
        states = self.bridge(last)
        f, _ = self.decoder(words, memory, source_lengths, last, states, self.attention)
        real = torch.arange(words.shape[1]) < lengths.unsqueeze(1)
        logits = self.output(f[real], self.decoder.embedding.weight)
        loss = F.cross_entropy(logits, right[real], label_smoothing=SMOOTHING, reduction="sum")
        return loss, F.cross_entropy(logits, right[real], reduction="sum")


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
                self.tensors[f"parameters/{name}"] = parameter
                gradient = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
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


def attention(kind):
    # A dot product needs both of one size.
    sizes = {"memory": 8} if kind == "luong-dot" else {}
    case = Case(f"attention-{kind}", config(attention=kind, **sizes))
    lengths = case.lengths("source_lengths", SOURCE_LENGTHS)
    # Numbers at padding too: nothing may depend on them.
    rows, memory = len(SOURCE_LENGTHS), case.config["encoder"]["hidden_size"]
    memory = case.input("memory", case.numbers(rows, max(SOURCE_LENGTHS), memory))
    query = case.input("query", case.numbers(rows, 2, case.config["hidden_size"]))
    context, weights = case.model.attention(query, memory, lengths)
    case.close({"context": context, "weights": weights}, ["attention"])


def decoder(name, **settings):
    case = Case(f"decoder-{name}", config(**settings))
    lengths = case.lengths("source_lengths", SOURCE_LENGTHS)
    rows, size = len(SOURCE_LENGTHS), case.config["encoder"]["hidden_size"]
    words = case.words("words", [max(TARGET_LENGTHS)] * rows, TARGET_WORDS)
    real = torch.arange(max(SOURCE_LENGTHS)) < lengths.unsqueeze(1)
    memory = case.input("memory", case.numbers(*real.shape, size) * real.unsqueeze(-1))
    parts = 2 if case.config["encoder"]["kind"] == "lstm" else 1
    last = [case.numbers(case.config["encoder"]["layers"], rows, size) for _ in range(parts)]
    last = [case.input(name, state) for name, state in state_names(last).items()]
    model = case.model
    f, weights = model.decoder(words, memory, lengths, last, model.bridge(last), model.attention)
    if weights is not None:
        case.tensors["outputs/weights"] = weights
    for value in [memory, *last]:
        value.grad = torch.zeros_like(value)
    case.close({"f": f}, ["decoder", "attention", "bridge"])


def model(name, **settings):
    case = Case(f"model-{name}", config(**settings))
    source = case.words("source", SOURCE_LENGTHS, SOURCE_WORDS, END)
    right = case.words("right", TARGET_LENGTHS, TARGET_WORDS, END)
    words = torch.roll(right, 1, 1)
    words[:, 0] = START
    words[torch.arange(words.shape[1]) >= torch.tensor(TARGET_LENGTHS).unsqueeze(1)] = PAD
    case.input("words", words)
    loss, likelihood = case.model(
        source,
        case.lengths("source_lengths", SOURCE_LENGTHS),
        words,
        right,
        case.lengths("target_lengths", TARGET_LENGTHS),
    )
    case.tensors["outputs/negative_log_likelihood"] = likelihood.reshape(1)
    case.write(loss, ["encoder", "bridge", "attention", "decoder", "output"])


def main():
    torch.set_default_dtype(torch.float64)
    FIXTURES.mkdir(exist_ok=True)
    for family in ("encoder", "attention", "decoder", "model"):
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

    for kind in ("bahdanau", "luong-dot", "luong-general", "luong-concat"):
        attention(kind)

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


if __name__ == "__main__":
    main()
