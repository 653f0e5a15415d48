"""Attune from Python: the program does the work, this module talks to it.

>>> import attune_seq2seq
>>> model = attune_seq2seq.load("runs/en-zh")
>>> model.translate(["how are you ?"])
['你好吗？']
>>> model.attention("how are you ?")        # a picture in a notebook
"""

from .attention import Attention
from .model import Model, Translation, load
from .program import AttuneError, AttuneNotice, program, run, train

__all__ = ["Attention", "AttuneError", "AttuneNotice", "Model", "Translation", "load", "program", "run", "train"]
