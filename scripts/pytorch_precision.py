"""In which numbers the PyTorch program of pytorch_seq2seq.py computes: its `--precision`.

f32   what PyTorch does unless told otherwise.
bf16  `torch.autocast`: parameters, sums and states stay f32, and PyTorch rounds what goes into the
      operations that it thinks safe, matrix products above all. It trains and translates.
int8  `torch.ao.quantization.quantize_dynamic`: weights of 8 bits, and activations rounded to 8 bits
      before each product. It only translates, and only on a CPU. Embeddings stay f32.
"""

import contextlib
import warnings

import torch
from torch import nn

NAMES = ("f32", "bf16", "int8")
QUANTISED = {nn.Linear, nn.LSTM, nn.GRU, nn.LSTMCell, nn.GRUCell}


def prepare(model, precision):
    """The model that computes so; the one given is used up."""
    if precision != "int8":
        return model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PyTorch 2.10 moves it to another package.
        return torch.ao.quantization.quantize_dynamic(model, QUANTISED, torch.qint8, inplace=True)


def computing(precision, device):
    """A context in which loss and search are to be computed."""
    if precision == "bf16":
        return torch.autocast(device.type, torch.bfloat16)
    return contextlib.nullcontext()
