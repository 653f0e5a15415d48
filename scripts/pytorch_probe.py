#!/usr/bin/env python3
"""Says which instructions PyTorch and the libraries inside it use in this environment.

PyTorch's own kernels answer for themselves; oneDNN and MKL say it in what they print while they compute, so
one small product is computed by each. Prints one JSON object, after what the libraries print. FBGEMM, which
multiplies bytes, does not say what it uses. `scripts/compare_pytorch.py` runs this once for each cap.
"""

import json
import os
import platform

os.environ["ONEDNN_VERBOSE"] = "1"
os.environ["MKL_VERBOSE"] = "1"

import torch  # noqa: E402, as it reads what is set above.


def main():
    square = torch.ones(64, 64)
    torch.mm(square, square)
    if torch.backends.mkldnn.is_available():
        square.to_mkldnn()
    said = {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "engine": torch.backends.quantized.engine,
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
