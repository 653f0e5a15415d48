"""The machine on which a comparison runs: what it is, and what else it is doing."""

import os
import platform
import resource
from pathlib import Path

# What matters to either program, the oldest first; names as /proc/cpuinfo has them.
INSTRUCTION_SETS = (
    "sse4_2 avx avx2 fma f16c avx_vnni avx_ne_convert avx512f avx512bw avx512dq avx512vl avx512_vbmi avx512_vnni "
    "avx512_bf16 avx512_fp16 amx_tile amx_bf16 amx_int8 amx_fp16 asimd asimddp bf16 i8mm sve sve2"
).split()
BUSY = 0.3  # A load from which a machine is not idle.


def cpuinfo():
    """The first processor's lines of /proc/cpuinfo; nothing on systems without it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf8")
    except OSError:
        return {}
    lines = (line.split(":", 1) for line in text.split("\n\n")[0].splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in lines}


def describe():
    """The processor, its instruction sets, its threads and the memory."""
    processor = cpuinfo()
    flags = (processor.get("flags") or processor.get("Features") or "").split()
    return {
        "processor": processor.get("model name") or platform.processor() or platform.machine(),
        "identity": ", ".join(
            f"{key} {processor[key]}" for key in ("vendor_id", "cpu family", "model", "stepping") if key in processor
        ),
        "virtual": "hypervisor" in flags,
        "cores": cores(),
        "threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "cache": processor.get("cache size", "unknown"),
        "memory_gb": memory_gb(),
        "instruction_sets": [name for name in INSTRUCTION_SETS if name in flags],
        "system": f"{platform.system()} {platform.release()} on {platform.machine()}",
    }


def cores():
    """Cores, of which each may run several threads; nothing where the system does not say."""
    seen = set()
    for folder in Path("/sys/devices/system/cpu").glob("cpu[0-9]*/topology"):
        try:
            seen.add(((folder / "physical_package_id").read_text(), (folder / "core_id").read_text()))
        except OSError:
            continue
    return len(seen) or None


def memory_gb():
    """In units of 2^30 bytes; nothing where the system does not say."""
    try:
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    except (ValueError, OSError):
        return None


def load():
    """How many threads wanted to run over the last minute, on average."""
    return round(os.getloadavg()[0], 2)


class Others:
    """How much of all the cores' time went to other processes, or to other machines on the same processor,
    while a child process of this one ran."""

    def __init__(self):
        self.begun = self.now()

    @staticmethod
    def now():
        """Seconds in which cores worked, seconds taken from this virtual machine, all seconds, and those that
        the children of this process worked; nothing on systems without /proc/stat."""
        try:
            text = Path("/proc/stat").read_text(encoding="utf8")
        except OSError:
            return None
        tick = os.sysconf("SC_CLK_TCK")
        user, nice, system, idle, wait, hard, soft, stolen = (int(n) / tick for n in text.split()[1:9])
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        worked = user + nice + system + hard + soft
        return worked, stolen, worked + stolen + idle + wait, children.ru_utime + children.ru_stime

    def share(self):
        """Since this was made: a number from 0 to 1, or nothing."""
        ended = self.now()
        if not self.begun or not ended:
            return None
        worked, stolen, everything, children = (b - a for a, b in zip(self.begun, ended))
        return round(min(1.0, max(0.0, worked + stolen - children) / max(everything, 1e-9)), 4)
