"""Beam search over the graphs of `attune export --format onnx`, with nothing but onnxruntime and numpy: the rules of Attune's own
search by default (`search.normalization = "average"`, `search.early_stopping = "exact"`)."""

import numpy

START, END = 2, 3
KEY, VALUE = "past_key_values.0.decoder.key", "past_key_values.0.decoder.value"


def beam(encoder, decoder, ids, width=5, barred=(0, 1, 2), ratio=10, margin=50, most=500):
    """The best translation of a sentence, `[words]`, and its log-probability. `ids` ends with the end mark."""
    mask = numpy.ones((1, len(ids)), "int64")
    [memory] = encoder.run(None, {"input_ids": numpy.array([ids], "int64"), "attention_mask": mask})
    limit = min(most, ratio * len(ids) + margin)
    live, finished = [(0.0, [])], []
    past = {name: numpy.zeros((1, 1, 0, 1), "float32") for name in (KEY, VALUE)}
    for length in range(1, limit + 1):
        rows = len(live)
        given = {"input_ids": numpy.array([[words[-1] if words else START] for _, words in live], "int64")}
        given["encoder_hidden_states"] = numpy.repeat(memory, rows, 0)
        given["encoder_attention_mask"] = numpy.repeat(mask, rows, 0)
        given["use_cache_branch"] = numpy.array([length > 1])
        logits, key, value = decoder.run(None, {**given, **past})
        logits = logits[:, -1].astype("float64")
        logs = logits - logits.max(-1, keepdims=True)
        logs -= numpy.log(numpy.exp(logs).sum(-1, keepdims=True))
        logs[:, list(barred)] = -numpy.inf
        totals = logs + numpy.array([[total] for total, _ in live])
        best = numpy.argsort(-totals.ravel(), kind="stable")[:width]
        row_of, word_of = numpy.divmod(best, logs.shape[1])
        going = []
        for row, word in zip(row_of.tolist(), word_of.tolist()):
            words = live[row][1] + [word]
            if word == END or length == limit:
                finished.append((totals[row, word] / length, totals[row, word], words))
            else:
                going.append((row, totals[row, word], words))
        finished = sorted(finished, key=lambda one: -one[0])[:width]
        if not going or finished and max(going[0][1] / (length + 1), going[0][1] / limit) <= finished[0][0]:
            break
        live = [(total, words) for _, total, words in going]
        kept = [row for row, *_ in going]
        past = {KEY: key[kept], VALUE: value[kept]}
    return finished[0][2], finished[0][1]
