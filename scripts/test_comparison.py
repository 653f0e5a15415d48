"""Tests of what compare_pytorch.py does beside measuring: `python -m unittest discover scripts`."""

import contextlib
import io
import tempfile
import unittest
from argparse import Namespace
from pathlib import Path

from comparison import caps, tables
from comparison.machine import describe
from comparison.programs import Faults
from comparison.record import Record
from comparison.works import WORKS, Contender, contenders

OLD = "avx2 fma f16c".split()
SKYLAKE = [*OLD, *"avx512f avx512bw avx512dq avx512vl".split()]
SAPPHIRE = [*SKYLAKE, *"avx_vnni avx512_vbmi avx512_vnni avx512_bf16 avx512_fp16 amx_tile amx_bf16 amx_int8".split()]


def made_up(speeds):
    """A record of A in f32 and bf16 under two caps: Attune's and PyTorch's speeds, round by round."""
    machine = {**describe(), "gpu": None}
    options = {"threads": [1, 2], "rounds": 2, "command": "compare", "backend": "cpu"}
    versions = {"attune": "attune 0", "commit": "abc", "torch": "2", "python": "3"}
    record = Record({"machine": machine, "versions": versions, "options": options, "loads": [0.1, 1.2]})
    record["date"] = "2026-01-01"
    for cap in ("avx2", "amx"):
        torch = {"libraries": {"oneDNN": "Intel AVX2"}, "capability": "AVX2", "engine": "x86"}
        record["caps"][cap] = {"environment": {"ATTUNE_ISA": cap}, "torch": torch, "isa": cap}
        for threads in (1, 2):
            for number, (ours, theirs) in enumerate(speeds[cap]):
                both = {"attune": ours * threads, "torch": theirs}
                for program, rate in both.items():
                    said = {"tgt_tok_s": rate, "peak_rss_mb": 10, "steps": 4}
                    record.add_runs("A", cap, threads, [(Contender(program, "f32"), number, said)])
    record.add_unable("A", "avx2", {Contender("torch", "bf16"): "it is tired"})
    dropped = {"f32": (0.01, 4)}
    check = {"first": 4, "first_apart": 1e-5, "updates": 4, "apart": 1e-4, "dropped": dropped}
    record.add_check("A", "avx2", 0, check)
    return record


class Caps(unittest.TestCase):
    def test_a_processor_gets_the_caps_that_differ_on_it(self):
        self.assertEqual(caps.available(OLD), ["avx2"])
        self.assertEqual(caps.available([*OLD, "avx_vnni"]), ["avx2", "all"])
        self.assertEqual(caps.available(SKYLAKE), ["avx2", "avx512"])
        self.assertEqual(caps.available(SAPPHIRE), ["avx2", "avx512", "amx"])
        self.assertEqual(caps.available(["asimd"]), ["all"])

    def test_bfloat16_needs_instructions_that_the_cap_allows(self):
        self.assertFalse(caps.multiplies_bf16("avx2", SAPPHIRE))
        self.assertTrue(caps.multiplies_bf16("avx512", SAPPHIRE))
        self.assertFalse(caps.multiplies_bf16("avx512", SKYLAKE))
        self.assertTrue(caps.multiplies_bf16("amx", SAPPHIRE))

    def test_caps_of_the_caller_do_not_reach_a_program(self):
        inherited = {"HOME": "/", "ATTUNE_ISA": "portable", "ONEDNN_MAX_CPU_ISA": "AVX2"}
        self.assertEqual(caps.environment("amx", "torch", inherited), {"HOME": "/"})
        self.assertEqual(caps.environment("amx", "attune", inherited), {"HOME": "/", "ATTUNE_ISA": "amx"})

    def test_a_program_that_does_not_obey_is_found_out(self):
        self.assertIsNone(caps.attune_breaks("avx2", "avx2, fma, f16c"))
        self.assertIsNone(caps.attune_breaks("avx512", ["avx2", "avx-vnni", "avx512f", "avx512-vnni"]))
        self.assertIn("avx_vnni", caps.attune_breaks("avx2", "avx2, avx-vnni"))
        self.assertIn("amx_bf16", caps.attune_breaks("avx512", "avx512f, amx-bf16"))
        self.assertIn("only avx2", caps.attune_breaks("amx", "avx2"))
        self.assertIn("does not say", caps.attune_breaks("avx2", None))
        self.assertIsNone(caps.torch_breaks("avx2", "AVX2", {"oneDNN": "Intel AVX2"}))
        self.assertIn("AVX512", caps.torch_breaks("avx2", "AVX512", {}))
        self.assertIn("DL Boost", caps.torch_breaks("avx2", "AVX2", {"oneDNN": "Intel AVX2 with Intel DL Boost"}))
        said = "Intel AVX-512 with float16, Intel DL Boost and bfloat16 support"
        self.assertIsNone(caps.torch_breaks("avx512", "AVX512", {"oneDNN": said}))
        said += " and Intel AMX with bfloat16 and 8-bit integer support"
        self.assertIn("AMX", caps.torch_breaks("avx512", "AVX512", {"oneDNN": said}))

    def test_a_fault_is_kept_once(self):
        faults = Faults()
        with contextlib.redirect_stdout(io.StringIO()):
            faults.add("it lies")
            faults.add("it lies")
            faults.add(None)
        self.assertEqual(faults, ["it lies"])


class Rows(unittest.TestCase):
    def kinds(self, work, beam, **changes):
        args = {"backend": "cpu", "can_favour": True, "pytorch": ["f32", "bf16", "int8"], **changes}
        found = contenders(WORKS[work], beam, Namespace(**args))
        return [one.numbers for one in found if one.program == "attune"]

    def test_only_steps_of_few_rows_have_24_bit_weights(self):
        self.assertEqual(self.kinds("G", 5), ["f32", "24-bit", "int8"])
        self.assertEqual(self.kinds("F", 1), ["f32", "int8"])
        self.assertEqual(self.kinds("A", 0), ["f32"])

    def test_what_packs_in_24_bits_is_never_called_f32(self):
        self.assertEqual(self.kinds("G", 1, can_favour=False), ["24-bit", "int8"])
        self.assertEqual(self.kinds("F", 1, can_favour=False), ["f32", "int8"])

    def test_a_gpu_packs_nothing(self):
        self.assertEqual(self.kinds("G", 1, backend="cuda", can_favour=False), ["f32"])


class Tables(unittest.TestCase):
    SPEEDS = {"avx2": [(300, 200), (100, 200)], "amx": [(400, 200), (800, 200)]}

    def test_a_ratio_is_the_median_of_the_rounds_with_the_least_and_the_greatest(self):
        lines = tables.ratios(made_up(self.SPEEDS), 1)
        self.assertEqual(lines[0], "| work | Attune | PyTorch | avx2 | amx |")
        self.assertIn("| f32 | f32 | 1.00 (0.50 to 1.50) | 3.00 (2.00 to 4.00) |", lines[2])

    def test_what_pytorch_cannot_do_says_why(self):
        lines = tables.ratios(made_up(self.SPEEDS), 1)
        self.assertIn("| f32 | bf16 | – | – |", lines[3])
        self.assertIn("PyTorch bf16 cannot: it is tired", lines[-1])

    def test_threads_are_compared_for_each_program_by_itself(self):
        lines = tables.scaling(made_up(self.SPEEDS))
        self.assertIn("Attune f32 | 2.00 | 2.00 |", lines[4])
        self.assertIn("PyTorch f32 | 1.00 | 1.00 |", lines[5])

    def test_a_file_gives_the_same_tables(self):
        record = made_up(self.SPEEDS)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "speed.json"
            record.write(path)
            self.assertEqual(tables.render(Record.read(path)), tables.render(record))
            self.assertEqual([one.name for one in Path(folder).iterdir()], ["speed.json"])


if __name__ == "__main__":
    unittest.main()
