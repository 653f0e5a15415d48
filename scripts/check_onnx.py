#!/usr/bin/env python3
"""Compares ONNX graphs with Attune's own search: networks of every kind with random parameters, run by ONNX Runtime.

Needs onnxruntime and numpy, in an environment of their own:

    cargo run -p onnx --example combinations -- /tmp/combinations
    python3 scripts/check_onnx.py /tmp/combinations
"""

import argparse
import json
import pathlib

import numpy
import onnxruntime

KEY, VALUE = "past_key_values.0.decoder.key", "past_key_values.0.decoder.value"
TOLERANCE = 1e-4
PAD, END = 0, 3


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def log_softmax(logits):
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - numpy.log(numpy.exp(shifted.astype(numpy.float64)).sum(-1, keepdims=True))


class Inputs:
    def __init__(self, given, images):
        rows = len(given["lengths"])
        self.targets = numpy.array(given["targets"], "int64")
        self.source = {}
        self.mask = {}
        if images:
            pixels = numpy.array(given["pixels"], "float32").reshape(given["pixels_shape"])
            self.source["pixel_values"] = pixels
            return
        ids = numpy.array(given["ids"], "int64").reshape(rows, -1)
        mask = (numpy.arange(ids.shape[1]) < numpy.array(given["lengths"])[:, None]).astype("int64")
        self.source = {"input_ids": ids, "attention_mask": mask}
        self.mask = {"encoder_attention_mask": mask}


def none(rows):
    return {name: numpy.zeros((rows, 1, 0, 1), "float32") for name in (KEY, VALUE)}


def forced(folder, inputs):
    """Log-probabilities `[steps, rows, words]` of all steps at once, and of one step after another."""
    [memory] = session(folder / "encoder_model.onnx").run(None, inputs.source)
    decoder = session(folder / "decoder_model_merged.onnx")
    rows = inputs.targets.shape[1]

    def run(ids, past, goes_on):
        given = {"input_ids": ids, "encoder_hidden_states": memory, "use_cache_branch": numpy.array([goes_on])}
        return decoder.run(None, {**given, **inputs.mask, **past})

    together, *_ = run(inputs.targets.T.copy(), none(rows), False)
    past, apart = none(rows), []
    for step, words in enumerate(inputs.targets):
        logits, key, value = run(words[:, None], past, step > 0)
        past = {KEY: key, VALUE: value}
        apart.append(log_softmax(logits[:, 0]))
    return log_softmax(together).transpose(1, 0, 2), numpy.array(apart)


def sentences(sequences):
    found = []
    for row in sequences.tolist():
        found.append(row[: row.index(END) + 1] if END in row else row)
        assert all(word == PAD for word in row[len(found[-1]) :]), row
    return found


def check(folder, given, wanted):
    """What differs, in words, and the largest difference of a log-probability."""
    inputs = Inputs(given, wanted["images"])
    shape = (*inputs.targets.shape, given["words"])
    expected = numpy.array(wanted["log_probabilities"]).reshape(shape)
    worst = 0.0
    for found in forced(folder, inputs):
        worst = max(worst, float(abs(found - expected).max()))
    if not worst <= TOLERANCE:
        return f"log-probabilities differ by {worst:.2e}", worst
    graph = session(folder / "greedy.onnx")
    most = numpy.array([given["most"]], "int64")
    sequences, _, *weights = graph.run(None, {**inputs.source, "max_length": most})
    if sentences(sequences) != wanted["greedy"]:
        return f"greedy: {sentences(sequences)}, expected {wanted['greedy']}", worst
    if weights:
        # The first step reads the same word in both.
        for row, own in enumerate(wanted["attention"][0]):
            if abs(weights[0][row, 0, : len(own)] - own).max() > TOLERANCE:
                return "the weights of attention differ", worst
    return None, worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    given = json.loads((folder / "expected.json").read_text())
    failed, worst = 0, 0.0
    for name, wanted in given["models"].items():
        try:
            wrong, difference = check(folder / name, given, wanted)
        except Exception as error:
            wrong, difference = str(error).splitlines()[0][:300], 0.0
        worst = max(worst, difference)
        if wrong:
            failed += 1
            print(f"{name}: {wrong}")
    print(f"largest difference of a log-probability: {worst:.1e}")
    print(f"{len(given['models']) - failed} passed, {failed} failed")
    raise SystemExit(failed > 0)


if __name__ == "__main__":
    main()
