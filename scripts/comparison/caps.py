"""Caps: the most of a processor's instruction sets that both programs may use.

Attune obeys `ATTUNE_ISA`. Of PyTorch, each library has a variable of its own:

ATEN_CPU_CAPABILITY         PyTorch's own kernels: avx2 or avx512.
MKL_ENABLE_INSTRUCTIONS     MKL, most products of f32: AVX2, or AVX512_E3 for AVX-512 with its products of
                            bytes and of bfloat16. On a processor that Intel did not make MKL chooses for itself.
ONEDNN_MAX_CPU_ISA          oneDNN, products of bfloat16 and some of bytes: AVX2, or AVX512_CORE_FP16 for all that
                            came before AMX.
FBGEMM_ENABLE_INSTRUCTIONS  FBGEMM, other products of bytes: AVX2, or AVX512_E1 for AVX-512 with its products of
                            bytes. It has nothing for AMX.

Under `amx` PyTorch may use all that it finds, as it does where nobody sets anything.
"""

import re
from dataclasses import dataclass

VARIABLES = (
    "ATTUNE_ISA",
    "ATEN_CPU_CAPABILITY",
    "MKL_ENABLE_INSTRUCTIONS",
    "ONEDNN_MAX_CPU_ISA",
    "DNNL_MAX_CPU_ISA",
    "FBGEMM_ENABLE_INSTRUCTIONS",
)


@dataclass(frozen=True)
class Cap:
    """What a processor must have for it, what both programs are told, and what they may and must then say."""

    needs: tuple = ()  # Names in /proc/cpuinfo.
    attune: dict = None
    torch: dict = None
    must: str = ""  # An instruction set that Attune must say it uses begins so.
    never: tuple = ()  # None begins so.
    capability: str = ""  # What PyTorch must say of its own kernels.
    libraries: str = ""  # What oneDNN and MKL must not say.


CAPS = {
    "avx2": Cap(
        needs=("avx2", "fma", "f16c"),
        attune={"ATTUNE_ISA": "avx2"},
        torch={
            "ATEN_CPU_CAPABILITY": "avx2",
            "MKL_ENABLE_INSTRUCTIONS": "AVX2",
            "ONEDNN_MAX_CPU_ISA": "AVX2",
            "FBGEMM_ENABLE_INSTRUCTIONS": "AVX2",
        },
        must="avx2",
        never=("avx512", "avx_vnni", "amx"),
        capability="AVX2",
        libraries=r"AVX-?512|AMX|DL Boost",
    ),
    "avx512": Cap(
        needs=("avx512f", "avx512bw", "avx512dq", "avx512vl"),
        attune={"ATTUNE_ISA": "avx512"},
        torch={
            "ATEN_CPU_CAPABILITY": "avx512",
            "MKL_ENABLE_INSTRUCTIONS": "AVX512_E3",
            "ONEDNN_MAX_CPU_ISA": "AVX512_CORE_FP16",
            "FBGEMM_ENABLE_INSTRUCTIONS": "AVX512_E1",
        },
        must="avx512",
        never=("amx",),
        capability="AVX512",
        libraries="AMX",
    ),
    "amx": Cap(needs=("amx_tile", "amx_bf16"), attune={"ATTUNE_ISA": "amx"}, torch={}, must="amx"),
    "all": Cap(attune={}, torch={}),
}
UNCAPPED = "all"


def available(instruction_sets):
    """The caps that make a difference on a processor with these, the lowest first; `all` alone where none does."""
    found = [name for name, cap in CAPS.items() if cap.needs and set(cap.needs) <= set(instruction_sets)]
    if "avx_vnni" in instruction_sets and found == ["avx2"]:
        found.append(UNCAPPED)  # Products of bytes that the cap forbids.
    return found or [UNCAPPED]


def multiplies_bf16(name, instruction_sets):
    """Whether a processor with these multiplies bfloat16 by itself as far as the cap allows."""
    allowed = {"avx2": (), "avx512": ("avx512_bf16",)}
    wanted = allowed.get(name, ("avx512_bf16", "amx_bf16", "avx_ne_convert", "bf16"))
    return bool(set(wanted) & set(instruction_sets))


def environment(name, program, inherited):
    """Of a program that obeys the cap, whatever this process was told."""
    free = {key: value for key, value in inherited.items() if key not in VARIABLES}
    cap = CAPS[name]
    return {**free, **(cap.attune if program == "attune" else cap.torch)}


def words(said):
    """Names of instruction sets, written as /proc/cpuinfo does, of a text or list of them."""
    text = said if isinstance(said, str) else " ".join(map(str, said or ()))
    return re.findall(r"[a-z0-9_]+", text.lower().replace("-", "_"))


def attune_breaks(name, said):
    """What is wrong with the instruction sets that Attune says it uses, or nothing."""
    cap, sets = CAPS[name], words(said)
    if not sets:
        return "Attune does not say which instruction sets it uses: is it older than ATTUNE_ISA?"
    if cap.must and not any(one.startswith(cap.must) for one in sets):
        return f"under {name}, Attune says it uses only {', '.join(sets)}"
    above = [one for one in sets if one.startswith(cap.never)] if cap.never else []
    return f"under {name}, Attune says it uses {', '.join(above)}" if above else None


def torch_breaks(name, capability, libraries):
    """The same of PyTorch and what its libraries printed."""
    cap = CAPS[name]
    if cap.capability and capability != cap.capability:
        return f"under {name}, PyTorch says that its kernels use {capability}"
    for library, said in libraries.items():
        if cap.libraries and re.search(cap.libraries, said):
            return f"under {name}, {library} says that it uses {said}"
    return None
