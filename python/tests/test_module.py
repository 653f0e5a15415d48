"""The module against the program: `ATTUNE=target/debug/attune python3 -m unittest discover -s python/tests`."""

import pathlib
import sys
import tempfile
import unittest
import warnings

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "python"))

import attune_seq2seq  # noqa: E402

PAIRS = [("a b c", "c b a"), ("b c", "c b"), ("c a", "a c"), ("a a b", "b a a"), ("b", "b")]
CONFIG = """
name = "tiny"
[data]
train = "{folder}/pairs.tsv"
valid = "{folder}/pairs.tsv"
[tokenizer.source]
kind = "space"
[tokenizer.target]
kind = "space"
[model]
embedding_size = 8
hidden_size = 16
[train]
backend = "cpu"
batch_size = 5
max_epochs = 3
"""


class Module(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore", attune_seq2seq.AttuneNotice)
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        (folder / "pairs.tsv").write_text("".join(f"{source}\t{target}\n" for source, target in PAIRS))
        (folder / "tiny.toml").write_text(CONFIG.format(folder=folder))
        cls.run_dir = folder / "run"
        attune_seq2seq.run(["--config", folder / "tiny.toml", "--run-dir", cls.run_dir, "--quiet"])
        cls.model = attune_seq2seq.load(cls.run_dir)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_lines_and_strings(self):
        lines = ["a b", "", "c"]
        found = self.model.translate(lines)
        self.assertEqual(len(found), 3)
        self.assertEqual(found[1], "")
        self.assertEqual(self.model.translate("a b"), found[0])
        self.assertEqual(self.model.translate([]), [])

    def test_n_best_is_ranked(self):
        [best] = self.model.translate(["a b"], n_best=3)
        self.assertEqual(len(best), 3)
        self.assertEqual(sorted(best, key=lambda one: -one.score), best)

    def test_attention_is_a_picture(self):
        found = self.model.attention("a b")
        self.assertEqual(found.source[:2], ["a", "b"])
        self.assertEqual(len(found.weights), len(found.target))
        self.assertTrue(found._repr_svg_().lstrip().startswith("<"))

    def test_scores(self):
        [sum_of_tokens] = self.model.score([("a b", "b a")])
        [mean] = self.model.score([("a b", "b a")], per_token=True)
        self.assertLess(sum_of_tokens, mean)
        self.assertEqual(self.model.score([]), [])

    def test_mistakes_are_named(self):
        with self.assertRaises(FileNotFoundError):
            attune_seq2seq.load("nowhere")
        with self.assertRaises(ValueError):
            self.model.translate(["a\nb"])
        with self.assertRaisesRegex(attune_seq2seq.AttuneError, "beam"):
            self.model.translate(["a"], sets={"search.beem": 3})
        with self.assertRaises(attune_seq2seq.AttuneError):
            attune_seq2seq.load(self.folder.name)


if __name__ == "__main__":
    unittest.main()
