"""Times all contenders of a work in turns."""

from .programs import Unable
from .works import RATE, UNIT

COUNTS = {"train": ("tgt_tokens",), "decode": ("sentences", "tokens")}


def race(name, work, programs, group, folder):
    """Runs each once a round, in the opposite order in every second round, each in a process of its own.
    Gives the runs and those that could not, with the reason."""
    runs, unable, slow = [], {}, set()
    for number in range(programs.args.rounds):
        done = {}
        for contender in reversed(group) if number % 2 else group:
            if contender in unable or contender in slow:
                continue
            try:
                done[contender] = once(work, programs, contender, folder)
            except Unable as why:
                if contender.numbers == "f32":
                    raise
                unable[contender] = str(why)
        slow |= {one for one in done if programs.limited(one) and is_slow(work, one, done)}
        runs += [(contender, number, said) for contender, said in done.items()]
        compare_counts(name, work, programs, done)
        rates = [f"{one} {done[one][RATE[work.kind]]:,.0f}" for one in group if one in done]
        beam = f", beam {group[0].beam}" if group[0].beam else ""
        print(f"   round {number + 1}{beam}, {UNIT[work.kind]}: {', '.join(rates)}", flush=True)
    return runs, unable


def is_slow(work, contender, done):
    """Whether it took over twice as long as the same program in f32."""
    plain = next(one for one in done if one.program == contender.program and one.numbers == "f32")
    return 2 * done[contender][RATE[work.kind]] < done[plain][RATE[work.kind]]


def once(work, programs, contender, folder):
    """PyTorch starts from first values of its own: see the text of compare_pytorch.py."""
    if contender.program == "attune":
        return programs.attune(work, contender)
    return programs.torch(work, contender, folder, "--own-values")


def compare_counts(name, work, programs, done):
    """All must have done as much, but for those that only do a part."""
    for count in COUNTS[work.kind]:
        seen = {said[count] for contender, said in done.items() if not programs.limited(contender)}
        if len(seen) > 1:
            programs.args.faults.add(f"{name}: {' and '.join(map(str, sorted(seen)))} {count}")
