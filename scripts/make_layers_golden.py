#!/usr/bin/env python3
"""Makes more golden values for the tests of the `model` crate: residual connections, layer
normalisation, learned first states, convolutions over words and images.

    pip install torch==2.9.1 numpy
    python scripts/make_layers_golden.py

Does for these what make_model_golden.py does for the plain recurrent models, with its help and in
its format, from PyTorch's own layers (`nn.LSTM`, `nn.LayerNorm`, `nn.Conv1d`, `nn.Conv2d`,
`F.glu`, `F.max_pool2d`). Written to crates/model/fixtures/:

    stack-encoder-*.safetensors   recurrent encoders with options
    stack-decoder-*.safetensors   recurrent decoders with options
    conv-encoder-*.safetensors    gated convolutions over the source
    conv-decoder-*.safetensors    gated convolutions over the target, with attention in each layer
    image-encoder-*.safetensors   convolutions over images
"""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import make_model_golden as golden
from make_model_golden import FIXTURES, SOURCE_LENGTHS, SOURCE_WORDS, TARGET_LENGTHS, TARGET_WORDS

POSITIONS = 4  # Fewer than the longest source has words: the later ones share a vector.
HALF = math.sqrt(0.5)


def config(residual=False, layer_norm=False, initial_state="zero", width=3, **settings):
    """As golden.config, with the options of this file."""
    kinds = {part: settings.pop(part, "lstm") for part in ("encoder", "decoder")}
    if kinds["decoder"] == "conv":
        settings.setdefault("feeding", False)
        settings.setdefault("attention", "luong-general")
    found = golden.config(**settings)
    for part, kind in kinds.items():
        found[part]["kind"] = kind
        if kind in ("conv", "image"):
            found[part].pop("bidirectional", None)
            found[part]["max_positions"] = POSITIONS
            if kind == "conv":
                found[part]["kernel_width"] = width
        else:
            found[part].update(residual=residual, layer_norm=layer_norm)
            if part == "encoder":
                found[part]["initial_state"] = initial_state
    if kinds["encoder"] == "image":
        found["encoder"].update(channels=3, height=5, input_channels=2)
    return found


class Stack(nn.Module):
    """Recurrent layers one by one, with the parameters of PyTorch's own stack."""

    def __init__(self, part, size, hidden, bidirectional):
        super().__init__()
        self.part, self.bidirectional = part, bidirectional
        self.rnn = golden.recurrent(part, size, hidden, bidirectional)
        width = hidden * (2 if bidirectional else 1)
        self.sizes = [size] + [width] * (part["layers"] - 1)
        self.hidden = hidden
        norms = part["layers"] if part["layer_norm"] else 0
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(norms))

    def layer(self, depth, values, state):
        """One layer over `values`, packed or not."""
        one = golden.recurrent({**self.part, "layers": 1}, self.sizes[depth], self.hidden, self.bidirectional)
        own = {
            name: getattr(self.rnn, name.replace("_l0", f"_l{depth}"))
            for name, _ in one.named_parameters()
        }
        return torch.func.functional_call(one, own, (values, state))

    def finish(self, depth, output, values):
        """The sum with the layer's input, normalised."""
        if self.part["residual"] and depth > 0:
            output = output + values
        return self.norms[depth](output) if len(self.norms) else output


class StackEncoder(nn.Module):
    """Embedding and recurrent layers with options."""

    def __init__(self, config):
        super().__init__()
        part = config["encoder"]
        directions = 2 if part["bidirectional"] else 1
        hidden = part["hidden_size"] // directions
        self.embedding = nn.Embedding(SOURCE_WORDS, config["embedding_size"])
        stack = Stack(part, config["embedding_size"], hidden, directions == 2)
        self.rnn, self.norms, self.stack = stack.rnn, stack.norms, [stack]
        self.cells = cells = ["hidden", "cell"] if part["kind"] == "lstm" else ["hidden"]
        learned = part["layers"] if part["initial_state"] == "learned" else 0
        self.starts = nn.ModuleList(
            nn.ParameterDict({cell: torch.empty(directions, hidden) for cell in cells}) for _ in range(learned)
        )

    def forward(self, source, lengths):
        """Memory [batch, source, memory], and each layer's last states [layers, batch, memory]."""
        [stack] = self.stack
        values, rows, lasts = self.embedding(source), source.shape[0], []
        real = (torch.arange(source.shape[1]) < lengths.unsqueeze(1)).unsqueeze(-1)
        for depth in range(stack.part["layers"]):
            start = None
            if len(self.starts):
                start = [x.unsqueeze(1).expand(-1, rows, -1).contiguous() for x in map(self.starts[depth].get, self.cells)]
                start = tuple(start) if len(start) == 2 else start[0]
            packed = pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
            packed, last = stack.layer(depth, packed, start)
            output, _ = pad_packed_sequence(packed, batch_first=True, total_length=source.shape[1])
            values = stack.finish(depth, output, values) * real
            last = last if isinstance(last, tuple) else (last,)
            lasts.append([state.transpose(0, 1).flatten(1) for state in last])
        return values, [torch.stack(states) for states in zip(*lasts)]


class StackDecoder(golden.Decoder):
    """A recurrent decoder with options, one step and one layer at a time."""

    def __init__(self, config):
        super().__init__(config)
        stack = Stack(config["decoder"], self.rnn.input_size, self.rnn.hidden_size, False)
        self.rnn, self.norms, self.stack = stack.rnn, stack.norms, [stack]

    def forward(self, words, memory, lengths, last, state, attention, pool):
        [stack] = self.stack
        vectors = self.embedding(words)
        f = torch.zeros(words.shape[0], 1, self.combine.out_features)
        outputs, weights = [], []
        for time in range(words.shape[1]):
            values, new = vectors[:, time : time + 1], []
            if self.feeds:
                values = torch.cat([values, f], -1)
            if self.before:
                context, seen = attention(state[0][-1].unsqueeze(1), memory, lengths)
                values = torch.cat([values, context], -1)
            for depth in range(stack.part["layers"]):
                own = tuple(x[depth : depth + 1].contiguous() for x in state)
                output, after = stack.layer(depth, values, own if len(own) == 2 else own[0])
                values = stack.finish(depth, output, values)
                new.append(after if isinstance(after, tuple) else (after,))
            state = [torch.cat(parts) for parts in zip(*new)]
            if self.before:
                f = torch.tanh(self.combine(torch.cat([values, context], -1)))
            else:
                f, seen = self.mix(values, memory, lengths, attention)
            outputs.append(f)
            weights.append(seen)
        return torch.cat(outputs, 1), torch.cat(weights, 1) if self.attends else None


def with_positions(vectors, table):
    """Adds the vector of each position; the later ones share the last."""
    places = torch.arange(vectors.shape[1]).clamp(max=POSITIONS - 1)
    return vectors + table(places)


def mean(memory, lengths):
    """Over real positions, as the last state of the only layer."""
    return [(memory.sum(1) / lengths.unsqueeze(1)).unsqueeze(0)]


class ConvEncoder(nn.Module):
    """Gehring et al. (2017)."""

    def __init__(self, config):
        super().__init__()
        part, embedding = config["encoder"], config["embedding_size"]
        size, width = part["hidden_size"], part["kernel_width"]
        self.embedding = nn.Embedding(SOURCE_WORDS, embedding)
        self.positions = nn.Embedding(POSITIONS, embedding)
        self.enter = nn.Linear(embedding, size)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(size, 2 * size, width, padding="same") for _ in range(part["layers"])
        )

    def forward(self, source, lengths):
        real = (torch.arange(source.shape[1]) < lengths.unsqueeze(1)).unsqueeze(-1)
        entered = self.enter(with_positions(self.embedding(source), self.positions)) * real
        values = entered
        for convolution in self.convolutions:
            found = F.glu(convolution(values.transpose(1, 2)).transpose(1, 2), -1)
            values = (found + values) * HALF * real
        memory = (values + entered) * HALF
        return memory, mean(memory, lengths)


class ImageEncoder(nn.Module):
    """A small convolutional network."""

    def __init__(self, config):
        super().__init__()
        part = config["encoder"]
        channels = [part["input_channels"]] + [part["channels"] << block for block in range(part["layers"])]
        self.scale = 2 ** part["layers"]
        self.blocks = nn.ModuleList(
            nn.Conv2d(below, above, 3, padding=1) for below, above in zip(channels, channels[1:])
        )
        self.enter = nn.Linear(channels[-1], part["hidden_size"])
        self.rows = nn.Embedding(-(-part["height"] // self.scale), part["hidden_size"])
        self.columns = nn.Embedding(POSITIONS, part["hidden_size"])

    def one(self, image):
        """The memory of one image [channels, height, width] without padding."""
        missing = [-side % self.scale for side in image.shape[1:]]
        values = F.pad(image, (0, missing[1], 0, missing[0])).unsqueeze(0)
        width = image.shape[2]
        for block in self.blocks:
            values = torch.relu(block(values))
            values = values * (torch.arange(values.shape[3]) < width)
            values, width = F.max_pool2d(values, 2), -(-width // 2)
        values = self.enter(values[0].permute(1, 2, 0))
        columns = torch.arange(values.shape[1]).clamp(max=POSITIONS - 1)
        values = values + self.rows.weight[: values.shape[0]].unsqueeze(1) + self.columns(columns)
        return values.flatten(0, 1)

    def forward(self, images, widths):
        found = [self.one(image[:, :, :width]) for image, width in zip(images, widths)]
        lengths = torch.tensor([len(memory) for memory in found])
        height = -(-images.shape[2] // self.scale)
        time = height * -(-images.shape[3] // self.scale)
        memory = torch.stack([F.pad(memory, (0, 0, 0, time - len(memory))) for memory in found])
        return memory, mean(memory, lengths)


class ConvDecoder(nn.Module):
    """Gehring et al. (2017), with what the bridge makes before the first word."""

    def __init__(self, config):
        super().__init__()
        part, embedding = config["decoder"], config["embedding_size"]
        memory, hidden = config["encoder"]["hidden_size"], config["hidden_size"]
        layers = range(part["layers"])
        kind = config["attention"]["kind"]
        self.attends = kind not in ("none", *golden.POOLS)
        self.before = part["kernel_width"] - 1
        self.embedding = nn.Embedding(TARGET_WORDS, embedding)
        self.positions = nn.Embedding(POSITIONS, embedding)
        self.enter = nn.Linear(embedding, hidden)
        self.convolutions = nn.ModuleList(nn.Conv1d(hidden, 2 * hidden, part["kernel_width"]) for _ in layers)
        if self.attends:
            self.queries = nn.ModuleList(nn.Linear(hidden, hidden) for _ in layers)
            context = hidden if kind == "multi-head" else memory
            self.contexts = nn.ModuleList(nn.Linear(context, hidden) for _ in layers)
        self.context = None
        if config.get("context") == "every-step" or kind in golden.POOLS:
            self.context = nn.Linear(memory, hidden, bias=False)

    def forward(self, words, memory, lengths, last, state, attention, pool):
        """The states x^L [batch, time, hidden], and the layers' mean weights [batch, time, source]."""
        entered = self.enter(with_positions(self.embedding(words), self.positions))
        fixed, pooled = last[0][-1], None
        if pool.kind in golden.POOLS:
            weighted, shares = pool(memory, lengths)
            fixed = weighted.sum(1)
            pooled = shares.mean(2).unsqueeze(1).expand(-1, words.shape[1], -1)
        if self.context is not None:
            entered = entered + self.context(fixed).unsqueeze(1)
        values, weights = entered, []
        for depth, convolution in enumerate(self.convolutions):
            before = state[0][depth].unsqueeze(1).expand(-1, self.before, -1)
            window = torch.cat([before, values], 1)
            found = F.glu(convolution(window.transpose(1, 2)).transpose(1, 2), -1)
            if self.attends:
                context, seen = attention(self.queries[depth](found) + entered, memory, lengths)
                context = context * lengths.sqrt().reshape(-1, 1, 1)
                found = (found + self.contexts[depth](context)) * HALF
                weights.append(seen)
            values = (found + values) * HALF
        return values, torch.stack(weights).mean(0) if self.attends else pooled


class Model(nn.Module):
    """The parts of a model that have golden values."""

    def __init__(self, config):
        super().__init__()
        kind = config["encoder"]["kind"]
        self.encoder = {"conv": ConvEncoder, "image": ImageEncoder}.get(kind, StackEncoder)(config)
        self.bridge = golden.Bridge(config)
        self.attention, self.pool = golden.Attention(config), golden.Pool(config)
        conv = config["decoder"]["kind"] == "conv"
        self.decoder = (ConvDecoder if conv else StackDecoder)(config)


def case(name, settings):
    """A case of this file's models."""
    golden.Seq2Seq = Model
    return golden.Case(name, settings)


def encoder(name, **settings):
    found = case(name, config(**settings))
    source = found.words("source", SOURCE_LENGTHS, SOURCE_WORDS, golden.END)
    memory, last = found.model.encoder(source, found.lengths("source_lengths", SOURCE_LENGTHS))
    found.close({"memory": memory, **golden.state_names(last)}, ["encoder"])


def image_encoder(name, widths, **settings):
    found = case(name, config(encoder="image", **settings))
    part = found.config["encoder"]
    # Numbers in the padding too: nothing may depend on them.
    shape = [len(widths), part["input_channels"], part["height"], max(widths)]
    images = found.input("images", found.numbers(*shape, bound=1.0))
    memory, last = found.model.encoder(images, found.lengths("widths", widths))
    found.close({"memory": memory, "hidden": last[0]}, ["encoder"])


def decoder(name, **settings):
    golden.decode(case(name, config(**settings)), max(TARGET_LENGTHS) + 2)


def main():
    torch.set_default_dtype(torch.float64)
    for family in ("stack-encoder", "stack-decoder", "conv-encoder", "conv-decoder", "image-encoder"):
        for old in FIXTURES.glob(f"{family}-*.safetensors"):
            old.unlink()

    both = {"residual": True, "layer_norm": True}
    encoder("stack-encoder-residual", residual=True, encoder_layers=3)
    encoder("stack-encoder-norm", layer_norm=True, encoder="gru", bidirectional=False)
    encoder("stack-encoder-both", encoder_layers=2, encoder="gru", **both)
    encoder("stack-encoder-learned", initial_state="learned", encoder_layers=2)
    encoder("stack-encoder-all", initial_state="learned", encoder_layers=2, encoder="gru", **both)

    decoder("stack-decoder-residual-fed", residual=True, decoder_layers=3)
    decoder("stack-decoder-norm-unfed", layer_norm=True, decoder="gru", feeding=False)
    decoder("stack-decoder-both-fed", decoder_layers=2, attention="luong-general", **both)
    decoder("stack-decoder-both-unfed", decoder_layers=2, decoder="gru", feeding=False, **both)
    decoder("stack-decoder-both-before", decoder_layers=2, query="before", **both)

    encoder("conv-encoder-1", encoder="conv", width=3)
    encoder("conv-encoder-2-wide", encoder="conv", width=5, encoder_layers=2)
    encoder("conv-encoder-3-even", encoder="conv", width=2, encoder_layers=3)
    encoder("conv-encoder-point", encoder="conv", width=1)

    decoder("conv-decoder-dot", encoder="conv", decoder="conv", attention="luong-dot", memory=8, bridge="zero")
    decoder("conv-decoder-general-2", decoder="conv", decoder_layers=2, width=2)
    decoder("conv-decoder-copy-3", decoder="conv", decoder_layers=3, encoder_layers=3, bridge="copy")
    decoder("conv-decoder-learned", decoder="conv", bridge="learned", width=4)
    decoder("conv-decoder-none-initial", decoder="conv", attention="none")
    decoder("conv-decoder-none-every-step", decoder="conv", attention="none", context="every-step")

    decoder("conv-decoder-scaled-dot", decoder="conv", attention="scaled-dot")
    decoder("conv-decoder-multi-head-2", decoder="conv", attention="multi-head", heads=2, decoder_layers=2)
    decoder("conv-decoder-time-dense", decoder="conv", attention="time-dense", max_source_length=6)
    decoder("conv-decoder-tanh-pool", decoder="conv", attention="tanh-pool", max_source_length=5, width=2)

    image_encoder("image-encoder-1", [6, 3, 1])
    image_encoder("image-encoder-2", [9, 4, 7], encoder_layers=2)
    image_encoder("image-encoder-even", [8, 8], encoder_layers=2)


if __name__ == "__main__":
    main()
