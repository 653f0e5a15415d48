#!/usr/bin/env python3
"""Translates lines with a run and with its ONNX export: greedily through Optimum and transformers.js, and with a beam of 5 through
scripts/onnx_beam.py. Every line must be the same.

Needs Python packages in an environment of their own, and for transformers.js a folder where npm has installed it:

    pip install "optimum-onnx[onnxruntime]" "transformers<5"; npm install --ignore-scripts --prefix JS @huggingface/transformers
    attune export --run RUN --format onnx --out EXPORT
    python3 scripts/compare_onnx.py --attune attune --run RUN --export EXPORT --lines FILE.tsv [--count 500] [--js JS]
"""

import argparse
import json
import pathlib
import subprocess
import tempfile
import warnings

warnings.filterwarnings("ignore")

SCRIPT = """
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
const [js, folder, name] = process.argv.slice(2);
const require = createRequire(pathToFileURL(js + '/'));
const { AutoModelForSeq2SeqLM, AutoTokenizer, env } = await import(pathToFileURL(require.resolve('@huggingface/transformers')));
env.allowRemoteModels = false;
env.localModelPath = folder + '/';
const model = await AutoModelForSeq2SeqLM.from_pretrained(name, { dtype: 'fp32', device: 'cpu' });
const source = await AutoTokenizer.from_pretrained(name);
const target = await AutoTokenizer.from_pretrained(name + '/target');
const lines = JSON.parse(readFileSync(0, 'utf8'));
const found = [];
// One by one: of several sentences it goes on with those that have ended until all have.
for (const line of lines) {
    const ids = await model.generate(await source(line));
    found.push(...target.batch_decode(ids, { skip_special_tokens: true }));
}
process.stdout.write(JSON.stringify(found));
"""


def ours(arguments, lines, beam):
    command = [arguments.attune, "translate", "--run", arguments.run, "--set", f"search.beam={beam}"]
    done = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[: len(lines)]


def optimum(arguments, lines, target):
    from optimum.onnxruntime import ORTModelForSeq2SeqLM
    from transformers import PreTrainedTokenizerFast

    model = ORTModelForSeq2SeqLM.from_pretrained(arguments.export)
    source = PreTrainedTokenizerFast.from_pretrained(arguments.export)
    found = []
    for first in range(0, len(lines), 25):
        batch = source(lines[first : first + 25], return_tensors="pt", padding=True, return_token_type_ids=False)
        found += target.batch_decode(model.generate(**batch), skip_special_tokens=True)
    return found


def transformers_js(arguments, lines):
    folder = pathlib.Path(arguments.export).resolve()
    with tempfile.NamedTemporaryFile("w", suffix=".mjs") as file:
        file.write(SCRIPT)
        file.flush()
        command = ["node", file.name, str(pathlib.Path(arguments.js).resolve()), str(folder.parent), folder.name]
        done = subprocess.run(command, input=json.dumps(lines), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def by_beam(arguments, lines, target):
    import onnxruntime
    from transformers import PreTrainedTokenizerFast

    import onnx_beam

    folder = pathlib.Path(arguments.export)
    open_graph = lambda name: onnxruntime.InferenceSession(str(folder / "onnx" / name))
    encoder, decoder = open_graph("encoder_model.onnx"), open_graph("decoder_model_merged.onnx")
    source = PreTrainedTokenizerFast.from_pretrained(arguments.export)
    settings = json.loads((folder / "generation_config.json").read_text())
    barred = [word for [word] in settings["bad_words_ids"]]
    found = [onnx_beam.beam(encoder, decoder, source(line).input_ids, barred=barred)[0] for line in lines]
    return target.batch_decode(found, skip_special_tokens=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    for name in ("--attune", "--run", "--export", "--lines"):
        parser.add_argument(name, required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--js")
    arguments = parser.parse_args()
    from transformers import PreTrainedTokenizerFast

    target = PreTrainedTokenizerFast.from_pretrained(f"{arguments.export}/target")
    text = pathlib.Path(arguments.lines).read_text(encoding="utf-8")
    lines = [line.split("\t")[0] for line in text.splitlines()[: arguments.count]]
    greedy = ours(arguments, lines, 1)
    compared = {"Optimum, greedy": (optimum(arguments, lines, target), greedy)}
    if arguments.js:
        compared["transformers.js, greedy"] = (transformers_js(arguments, lines), greedy)
    compared["a loop, beam 5"] = (by_beam(arguments, lines, target), ours(arguments, lines, 5))
    failed = 0
    for name, (found, wanted) in compared.items():
        differing = [place for place in range(len(lines)) if found[place] != wanted[place]]
        print(f"{name}: {len(lines) - len(differing)} of {len(lines)} the same")
        for place in differing[:3]:
            print(f"  {lines[place]!r}: {found[place]!r}, here {wanted[place]!r}")
        failed += bool(differing)
    print(f"{len(compared) - failed} passed, {failed} failed")
    raise SystemExit(failed > 0)


if __name__ == "__main__":
    main()
