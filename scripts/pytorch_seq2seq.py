#!/usr/bin/env python3
"""The model of `attune bench --workload yardstick`, written in PyTorch and timed.

    attune bench train --workload yardstick --data train.tsv --steps 40 --warmup 4 --write-inputs inputs
    python scripts/pytorch_seq2seq.py --inputs inputs --warmup 4

    attune bench translate --workload yardstick --data train.tsv --warmup 2 --write-inputs inputs
    python scripts/pytorch_seq2seq.py --mode decode --inputs inputs --warmup 2

It starts from the parameters and learns from, or translates, the batches that Attune wrote, so that
both do the same work in the same order. Everything is what PyTorch offers ready-made: `nn.LSTM` or
`nn.GRU` over packed sequences for the encoder, the same for a decoder that can run whole sequences (no
input feeding) and `nn.LSTMCell` or `nn.GRUCell` for one that cannot, cross-entropy with label smoothing
over real target positions, `clip_grad_norm_`, fused Adam; how it translates is in pytorch_decode.py.
Sizes are read from the parameters. Prints one JSON object. Needs PyTorch and nothing else;
`scripts/compare_pytorch.py` runs it beside Attune.
"""

import argparse
import json
import mmap
import resource
import statistics
import struct
import sys
import time
from itertools import islice
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

import pytorch_decode
import pytorch_precision

PAD, START = 0, 2
LEARNING_RATE, CLIP_NORM, SMOOTHING = 1e-3, 1.0, 0.1


def memory_mb():
    """The largest memory this process has had, in units of 2^20 bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def map_safetensors(path):
    """Tensors of float32 by name, in the file's own pages: the heap on which updates will work must not
    be littered with what is read once."""
    with open(path, "rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    (length,) = struct.unpack_from("<Q", content)
    header, tensors = json.loads(content[8 : 8 + length]), {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F32", name
        (start, end), offset = entry["data_offsets"], 8 + length
        count = (end - start) // 4
        flat = torch.frombuffer(content, dtype=torch.float32, count=count, offset=offset + start)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


class Batch:
    """Sentences side by side, the longest source first."""

    def __init__(self, line, device):
        pad = lambda rows: pad_sequence([torch.tensor(row) for row in rows], True, PAD).to(device)
        self.source = pad(line["source"])  # [batch, source]
        self.lengths = torch.tensor([len(row) for row in line["source"]])
        self.input = pad([[START] + row[:-1] for row in line["target"]])  # [batch, target]
        self.output = pad(line["target"])  # [batch, target]
        self.tokens = sum(len(row) for row in line["target"])


class Attention(nn.Module):
    """Softmax of an energy over the real source positions: additive, bilinear or plain dot product."""

    def __init__(self, kind, memory, hidden):
        super().__init__()
        self.kind = kind
        if kind != "dot":
            self.key = nn.Linear(memory, hidden, bias=False)
        if kind == "bahdanau":
            self.query = nn.Linear(hidden, hidden)
            self.energy = nn.Linear(hidden, 1, bias=False)

    def keys(self, memory):
        return memory if self.kind == "dot" else self.key(memory)

    def forward(self, queries, keys, memory, padding):
        """[batch, steps, hidden] to contexts [batch, steps, memory]."""
        if self.kind == "bahdanau":
            sums = self.query(queries).unsqueeze(2) + keys.unsqueeze(1)
            energy = self.energy(torch.tanh(sums)).squeeze(3)
        else:
            energy = queries @ keys.transpose(1, 2)
        weights = F.softmax(energy.masked_fill(padding.unsqueeze(1), -1e9), 2)
        return weights @ memory


class Seq2Seq(nn.Module):
    """Bidirectional encoder, tanh bridge, attentional decoder with or without input feeding."""

    def __init__(self, cell, attention, feeding, layers, sizes, dropout):
        super().__init__()
        source, target, embedding, hidden = sizes
        self.cell, self.feeding, self.layers = cell, feeding, layers
        whole, single = {"lstm": (nn.LSTM, nn.LSTMCell), "gru": (nn.GRU, nn.GRUCell)}[cell]
        self.source_embedding = nn.Embedding(source, embedding)
        self.target_embedding = nn.Embedding(target, embedding)
        self.encoder = whole(embedding, hidden // 2, layers, bidirectional=True, batch_first=True)
        self.bridge = nn.Linear(hidden, hidden)
        if feeding:
            inputs = [embedding + hidden] + [hidden] * (layers - 1)
            self.decoder = nn.ModuleList(single(size, hidden) for size in inputs)
        else:
            self.decoder = whole(embedding, hidden, layers, batch_first=True)
        self.attention = Attention(attention, hidden, hidden) if attention != "none" else None
        self.combine = nn.Linear(2 * hidden if self.attention else hidden, hidden)
        self.output = nn.Linear(hidden, target)
        self.dropout = nn.Dropout(dropout)

    def encode(self, batch):
        embedded = self.dropout(self.source_embedding(batch.source))
        packed = pack_padded_sequence(embedded, batch.lengths, batch_first=True)
        memory, last = self.encoder(packed)
        memory, _ = pad_packed_sequence(memory, batch_first=True)
        last = last[0] if self.cell == "lstm" else last
        first = torch.tanh(self.bridge(torch.cat([last[-2], last[-1]], 1)))
        keys = self.attention.keys(memory) if self.attention else None
        return memory, keys, batch.source == PAD, first

    def mix(self, states, memory, keys, padding):
        """f = tanh(W_c [s ; c] + b_c), for states [batch, steps, hidden]."""
        if self.attention:
            states = torch.cat([states, self.attention(states, keys, memory, padding)], 2)
        return torch.tanh(self.combine(states))

    def start(self, first):
        """The decoder's first states, layer by layer, of a decoder that is fed."""
        return [(first, torch.zeros_like(first)) if self.cell == "lstm" else first] * self.layers

    def step(self, word, feed, states, memory, keys, padding):
        """f and the states of one step, for one row or several of each sentence: [rows, hidden]."""
        value, new = torch.cat([word, feed], 1), []
        for cell, state in zip(self.decoder, states):
            new.append(cell(value, state))
            value = new[-1][0] if self.cell == "lstm" else new[-1]
        value = value.view(len(memory), -1, value.shape[1])
        return self.mix(value, memory, keys, padding).flatten(0, 1), new

    def forward(self, batch):
        """f of every step, dropped: [batch, target, hidden]."""
        memory, keys, padding, first = self.encode(batch)
        embedded = self.dropout(self.target_embedding(batch.input))
        if not self.feeding:
            start = first.expand(self.layers, -1, -1).contiguous()
            start = (start, torch.zeros_like(start)) if self.cell == "lstm" else start
            states, _ = self.decoder(embedded, start)
            return self.dropout(self.mix(states, memory, keys, padding))
        feed, states, outputs = torch.zeros_like(first), self.start(first), []
        for word in embedded.unbind(1):
            feed, states = self.step(word, feed, states, memory, keys, padding)
            outputs.append(feed)
        return self.dropout(torch.stack(outputs, 1))

    def loss(self, batch):
        states, wanted = self(batch).flatten(0, 1), batch.output.flatten()
        real = wanted != PAD
        return F.cross_entropy(self.output(states[real]), wanted[real], label_smoothing=SMOOTHING)


def build(tensors, cell, attention, feeding, dropout, own_values):
    """The model of the sizes of these parameters, whose names are those of `attune export`, and with
    their values or with PyTorch's own."""
    source, embedding = tensors["encoder.embedding.weight"].shape
    target, hidden = tensors["output.weight"].shape
    layers = sum(name.startswith("decoder.rnn.weight_hh_l") for name in tensors)
    model = Seq2Seq(cell, attention, feeding, layers, (source, target, embedding, hidden), dropout)
    if own_values:
        return model
    renamed = {}
    for name, values in tensors.items():
        for old, new in [
            ("encoder.embedding.", "source_embedding."),
            ("decoder.embedding.", "target_embedding."),
            ("encoder.rnn.", "encoder."),
            ("decoder.combine.", "combine."),
        ]:
            name = name.replace(old, new)
        if name.startswith("decoder.rnn."):
            name = name.replace("decoder.rnn.", "decoder.")
            if feeding:
                kind, layer = name.removeprefix("decoder.").rsplit("_l", 1)
                name = f"decoder.{layer}.{kind}"
        renamed[name] = values
    model.load_state_dict(renamed)
    return model


def second_biases(model):
    """PyTorch gives each gate two biases, of which only their sum counts, but for the GRU's new gate. Says
    of each such vector, by its name, how many of its first numbers are needless."""
    found = {}
    for name, values in model.named_parameters():
        if ".bias_hh" in name:
            found[name] = values.numel() if model.cell == "lstm" else values.numel() * 2 // 3
    return found


def hold_second_biases(model):
    """Keeps them at zero. Adam moves each of two biases as far as it would move one."""
    parameters = dict(model.named_parameters())
    for name, count in second_biases(model).items():
        kept = torch.ones_like(parameters[name])
        kept[:count] = 0
        parameters[name].register_hook(lambda gradient, kept=kept: gradient * kept)


def train(model, batches, warmup, precision, device):
    """One update a batch; what the updates after the first `warmup` took."""
    settle = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    optimiser = torch.optim.Adam(model.parameters(), LEARNING_RATE, fused=True)
    seconds, losses = [], []
    for number, batch in enumerate(batches):
        if number == warmup:
            settle()
        begun = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        with pytorch_precision.computing(precision, device):
            loss = model.loss(batch)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
        optimiser.step()
        if number + 1 == len(batches):
            settle()
        seconds.append(time.perf_counter() - begun)
        losses.append(loss.detach())
    seconds, timed = seconds[warmup:], batches[warmup:]
    tokens = sum(batch.tokens for batch in timed)
    return {
        "tgt_tok_s": tokens / sum(seconds),
        "step_ms_median": 1e3 * statistics.median(seconds),
        "tgt_tokens": tokens,
        "padding": 1 - tokens / sum(batch.output.numel() for batch in timed),
        "losses": [float(loss) for loss in losses[warmup:]],
    }


def translate(model, batches, args, device):
    """Searches, timed or beside Attune's translations."""
    model = pytorch_precision.prepare(model.eval(), args.precision)
    with pytorch_precision.computing(args.precision, device):
        if args.mode == "decode":
            return pytorch_decode.decode(model, batches, args.warmup, args.beam, device)
        with open(args.inputs / "translations.jsonl", encoding="utf8") as lines:
            found = [json.loads(line) for line in lines]
        return pytorch_decode.check(model, batches, found, args.beam)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mode", choices=["train", "decode", "check"], default="train",
                        help="check: searches as decode does and looks at Attune's translations")
    parser.add_argument("--inputs", type=Path, required=True, help="what `--write-inputs` wrote")
    parser.add_argument("--cell", choices=["lstm", "gru"], default="lstm")
    parser.add_argument("--attention", default="bahdanau", choices=["bahdanau", "dot", "general", "none"])
    parser.add_argument("--input-feeding", type=int, default=1)
    parser.add_argument("--dropout", type=float, default=0.3)
    parser.add_argument("--beam", type=int, default=1, help="hypotheses side by side (1)")
    parser.add_argument("--precision", choices=pytorch_precision.NAMES, default="f32",
                        help="numbers in which it computes (f32); see pytorch_precision.py")
    parser.add_argument("--own-values", action="store_true", help="start from PyTorch's own first values")
    parser.add_argument("--one-bias", action="store_true", help="learn only one bias of each gate, as Attune")
    parser.add_argument("--warmup", type=int, default=4, help="updates that are not timed")
    parser.add_argument("--limit", type=int, default=0, help="batches after them, at most; 0: all there are")
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's own choice")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    args, _ = parser.parse_known_args()  # Sizes are known from the parameters.
    imported = memory_mb()
    torch.manual_seed(0)
    if args.threads:
        torch.set_num_threads(args.threads)
    if args.precision == "int8" and (args.mode == "train" or args.device != "cpu"):
        parser.error("PyTorch's weights of 8 bits cannot be trained, and are for the CPU")
    device = torch.device(args.device)
    tensors = map_safetensors(args.inputs / "initial.safetensors")
    feeding = bool(args.input_feeding)
    model = build(tensors, args.cell, args.attention, feeding, args.dropout, args.own_values)
    model.to(device)
    if args.one_bias:
        hold_second_biases(model)
    del tensors
    params = sum(values.numel() for values in model.parameters())
    needless = sum(second_biases(model).values())
    with open(args.inputs / "batches.jsonl", encoding="utf8") as lines:
        most = args.warmup + args.limit if args.limit else None
        batches = [Batch(json.loads(line), device) for line in islice(lines, most)]
    if args.mode == "train":
        result = train(model, batches, args.warmup, args.precision, device)
    elif not feeding:
        parser.error("to decode, the model must be fed")
    else:
        result = translate(model, batches, args, device)
    result["params"] = params
    result["needless_params"] = needless
    result["precision"] = args.precision
    result["threads"] = torch.get_num_threads()
    result["capability"] = torch.backends.cpu.get_cpu_capability()
    result["torch"] = torch.__version__
    result["rss_mb_after_import"] = imported
    result["peak_rss_mb"] = memory_mb()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
