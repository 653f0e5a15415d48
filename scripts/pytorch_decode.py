"""Translates with the model of pytorch_seq2seq.py, which must be fed: `--mode decode` and `--mode check`
there.

Each sentence gets as many words as the longest reference of its batch has, whatever they are, so that
untrained weights do. Greedy search takes the `argmax` of each row, beam search the `topk` over the beams
of each sentence; the beams of a sentence share its keys.
"""

import time

import torch
import torch.nn.functional as F

START = 2


def search(model, batch, beam):
    """Beam search, or greedy search for a beam of one, for as many steps as the longest reference has,
    whatever the words are. Gives at each step each row's word and which row it continues, and at last
    the sums of log-probabilities, [batch, beam]; greedy search needs no sums."""
    *encoded, first = model.encode(batch)
    first = first.repeat_interleave(beam, 0)
    feed, states = torch.zeros_like(first), model.start(first)
    word = torch.full((len(first),), START, device=first.device)
    sums = torch.zeros(len(first) // beam, beam, device=first.device)
    sums[:, 1:] = -1e9  # All begin alike.
    rows = torch.arange(len(first), device=first.device)
    own = rows.view(-1, beam)[:, :1]
    trace = []
    for _ in range(batch.output.shape[1]):
        feed, states = model.step(model.target_embedding(word), feed, states, *encoded)
        logits = model.output(feed)
        if beam == 1:
            word = logits.argmax(1)
            trace.append((word, rows))
            continue
        scores = F.log_softmax(logits, 1).view(len(sums), beam, -1) + sums.unsqueeze(2)
        sums, best = scores.flatten(1).topk(beam, 1)
        parent = (own + best // scores.shape[2]).flatten()
        word = (best % scores.shape[2]).flatten()
        trace.append((word, parent))
        feed = feed[parent]
        pick = lambda state: state[parent]
        states = [tuple(map(pick, one)) if model.cell == "lstm" else pick(one) for one in states]
    return trace, sums


def score(model, batch, words):
    """The log-probability of `words`, [batch, steps], as translations of a batch: [batch]."""
    *encoded, first = model.encode(batch)
    feed, states = torch.zeros_like(first), model.start(first)
    word = torch.full((len(first),), START, device=first.device)
    total = torch.zeros(len(first), device=first.device)
    for following in words.unbind(1):
        feed, states = model.step(model.target_embedding(word), feed, states, *encoded)
        log = F.log_softmax(model.output(feed), 1)
        total += log.gather(1, following.unsqueeze(1)).squeeze(1)
        word = following
    return total


def unroll(trace, beam):
    """The words of each sentence's best row."""
    row, words = torch.arange(0, len(trace[0][0]), beam, device=trace[0][0].device), []
    for word, parent in reversed(trace):
        words.append(word[row])
        row = parent[row]
    return torch.stack(words[::-1], 1)


@torch.inference_mode()
def decode(model, batches, warmup, beam, device):
    """What the searches after the first `warmup` took."""
    settle = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    begun, tokens = time.perf_counter(), 0
    for number, batch in enumerate(batches):
        if number == warmup:
            settle()
            begun = time.perf_counter()
        search(model, batch, beam)
        tokens += batch.output.numel() if number >= warmup else 0
    settle()
    seconds = time.perf_counter() - begun
    sentences = sum(len(batch.lengths) for batch in batches[warmup:])
    return {
        "sent_s": sentences / seconds,
        "tok_s": tokens / seconds,
        "sentences": sentences,
        "tokens": tokens,
    }


@torch.inference_mode()
def check(model, batches, found, beam):
    """How far Attune's translations agree: the share that a search here finds too, word for word, and how
    far the log-probability of a word of Attune's translations is, on average over a translation, from what
    Attune says; of all translations the farthest."""
    same = count = 0
    apart = 0.0
    for batch, line in zip(batches, found):
        words = torch.tensor(line["words"], device=batch.output.device)
        own = unroll(search(model, batch, beam)[0], beam)
        same += int((own == words).all(1).sum())
        count += len(words)
        said = torch.tensor(line["log_probabilities"], device=words.device)
        difference = (score(model, batch, words) - said).abs() / words.shape[1]
        apart = max(apart, float(difference.max()))
    return {"sentences": count, "same": same / count, "apart": apart}
