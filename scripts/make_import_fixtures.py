#!/usr/bin/env python3
"""Makes the small models of other programs that the tests of `attune import` read, and beside them what these programs find.

    pip install joeynmt==2.3.0 "torch<2.7" importlib_metadata
    python scripts/make_import_fixtures.py

Models have random parameters from fixed seeds and are as small as they can be. Written to crates/import/fixtures/PROGRAM/NAME/: the
files of the model, and expected.json with the pairs, the log-probability of each target (end mark included) and the greedy translation
of each source, by the program itself in single precision.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import torch

FIXTURES = Path(__file__).parents[1] / "crates" / "import" / "fixtures"
SOURCE = ["a", "b", "cat", "dog", "eats", "the", "fish"]
TARGET = ["x", "y", "z", "w", "▁", "q"]
PAIRS = [
    ("the cat eats the fish", "xyzw"),
    ("a dog", "qx y"),
    ("b", "zzzzz"),
    ("the unknown dog eats a fish b", "wq"),
]

JOEYNMT = """name: "{name}"
joeynmt_version: "2.3.0"
data:
    src: {{lang: "en", level: "word", lowercase: False}}
    trg: {{lang: "zh", level: "char", lowercase: False}}
model:
    encoder:
        type: "recurrent"
        rnn_type: "{rnn}"
        embeddings: {{embedding_dim: 5, scale: {scale}}}
        hidden_size: 3
        bidirectional: True
        num_layers: {layers}
    decoder:
        type: "recurrent"
        rnn_type: "{rnn}"
        embeddings: {{embedding_dim: 5}}
        hidden_size: 6
        num_layers: {layers}
        attention: "{attention}"
        init_hidden: "{init}"
        input_feeding: {feeding}
training: {{}}
testing: {{beam_size: 5, beam_alpha: 1.0}}
"""


def joeynmt(name, seed, rnn="lstm", layers=1, attention="bahdanau", init="bridge", feeding=True, scale=False):
    import yaml
    from joeynmt.model import build_model
    from joeynmt.vocabulary import Vocabulary

    folder = FIXTURES / "joeynmt" / name
    folder.mkdir(parents=True, exist_ok=True)
    text = JOEYNMT.format(name=name, rnn=rnn, layers=layers, attention=attention, init=init, feeding=feeding, scale=scale)
    (folder / "config.yaml").write_text(text)
    special = SimpleNamespace(
        unk_token="<unk>", pad_token="<pad>", bos_token="<s>", eos_token="</s>", sep_token=None, lang_tags=[],
        unk_id=0, pad_id=1, bos_id=2, eos_id=3, sep_id=None,
    )
    words = [Vocabulary(tokens, special) for tokens in (SOURCE, TARGET)]
    for vocabulary, side in zip(words, ("src", "trg")):
        vocabulary.to_file(folder / f"{side}_vocab.txt")
    torch.manual_seed(seed)
    settings = yaml.safe_load(text)["model"]
    model = build_model(settings, *words).eval()
    for parameter in model.parameters():
        torch.nn.init.uniform_(parameter, -1.6, 1.6)
    torch.save({"steps": 7, "model_state": model.state_dict()}, folder / "7.ckpt")
    expected = [joeynmt_pair(model, words, *pair) for pair in PAIRS]
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")


def joeynmt_pair(model, words, source, target):
    ids = [words[0].lookup(token) for token in source.split(" ")] + [3]
    letters = [words[1].lookup("▁" if letter == " " else letter) for letter in target]
    ids, length = torch.tensor([ids]), torch.tensor([len(ids)])
    mask = torch.ones(1, 1, ids.shape[1], dtype=torch.bool)
    with torch.no_grad():
        memory, last, *_ = model(return_type="encode", src=ids, src_length=length, src_mask=mask)

        def decode(inputs):
            decoded = model._decode(memory, last, mask, torch.tensor([inputs]), len(inputs))
            return torch.log_softmax(decoded[0][0], -1)

        logs = decode([2, *letters])
        score = sum(float(row[letter]) for row, letter in zip(logs, [*letters, 3]))
        written = []
        while len(written) < 12 and (not written or written[-1] != 3):
            row = decode([2, *written])[-1]
            # Never padding or the start, and no end at first.
            row[[1, 2] + ([3] if not written else [])] = -torch.inf
            written.append(int(row.argmax()))
    text = "".join(words[1]._itos[word] for word in written if word != 3).replace("▁", " ")
    return {"source": source, "target": target, "log_probability": score, "greedy": text}


def main():
    joeynmt("lstm", 1)
    joeynmt("lstm-2-zero", 2, layers=2, init="zeros", attention="luong")
    joeynmt("gru", 3, rnn="gru", feeding=False, scale=True)
    joeynmt("gru-last", 4, rnn="gru", init="last", attention="luong")


if __name__ == "__main__":
    main()
