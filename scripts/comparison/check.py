"""Shows that both programs do the same work, before it is timed."""

import statistics

from .programs import Unable
from .works import Contender

FIRST = 10  # Updates whose losses must agree to rounding; later ones part, as Adam magnifies it.
ROUNDING = 1e-3
LAST = 10  # Updates whose mean loss is compared when dropout makes each noisy.
TOLERANCE = 0.03
MOSTLY = 0.99


def training(name, work, programs, group, folder):
    """Writes the inputs. Gives what was found and the contenders that cannot do the work, with the reason."""
    faults = programs.args.faults
    attune, torch = Contender("attune", "f32"), Contender("torch", "f32")
    once = programs.attune(work, attune, folder, dropout=0)
    same = programs.torch(work, torch, folder, "--dropout", 0, "--one-bias")
    apart = [abs(a / b - 1) for a, b in zip(once["losses"], same["losses"])]
    found = {
        "params": once["params"],
        "torch_params": same["params"],
        "second_biases": same["needless_params"],
        "tokens": once["tgt_tokens"],
        "padding": once["padding"],
        "updates": len(apart),
        "first": len(apart[:FIRST]),
        "first_apart": max(apart[:FIRST]),
        "apart": max(apart),
        "dropped": {},
    }
    if once["tgt_tokens"] != same["tgt_tokens"]:
        faults.add(f"{name}: {once['tgt_tokens']} target tokens and {same['tgt_tokens']}")
    if once["params"] != same["params"] - same["needless_params"]:
        faults.add(f"{name}: {once['params']} parameters and {same['params']}")
    if max(apart) > TOLERANCE or max(apart[:FIRST]) > ROUNDING:
        faults.add(f"{name}: losses up to {100 * max(apart):.2f}% apart without dropout")
    print(
        f"   parameters: Attune {once['params']:,}, PyTorch {same['params']:,}, of which "
        f"{same['needless_params']:,} are second biases\n"
        f"   target tokens: {once['tgt_tokens']:,} in both, {100 * once['padding']:.1f}% padding\n"
        f"   without dropout, the loss after {len(apart)} updates is {once['losses'][-1]:.4f} and "
        f"{same['losses'][-1]:.4f}; in the first {FIRST} they are at most "
        f"{100 * max(apart[:FIRST]):.4f}% apart, in all {100 * max(apart):.2f}%",
        flush=True,
    )
    ours, unable = programs.attune(work, attune)["losses"], {}
    for contender in (one for one in group if one.program == "torch"):
        try:
            theirs = programs.torch(work, contender, folder)["losses"]
        except Unable as why:
            unable[contender] = give_up(contender, why)
            continue
        end = lambda losses: statistics.mean(losses[: len(theirs)][-LAST:])
        difference = end(ours) / end(theirs) - 1
        found["dropped"][contender.numbers] = difference, len(theirs[-LAST:])
        if contender.numbers == "f32" and abs(difference) > TOLERANCE:
            faults.add(f"{name}: losses {100 * difference:+.2f}% apart with dropout")
        print(
            f"   with dropout, from the same values, the mean loss of {len(theirs[-LAST:])} updates is "
            f"{end(ours):.3f} and, of {contender}, {end(theirs):.3f} ({100 * difference:+.2f}%)",
            flush=True,
        )
    return found, unable


def translation(name, work, programs, group, folder):
    """As `training`, for the contenders of one beam."""
    faults, found, unable = programs.args.faults, {"same": {}, "apart": {}}, {}
    beam = group[0].beam
    plain = Contender("torch", "f32", beam)
    ours = [one for one in group if one.program == "attune"]
    ours.sort(key=lambda one: ("int8", "24-bit", "f32").index(one.numbers))
    for contender in ours:
        programs.attune(work, contender, folder)
        seen = programs.torch(work, plain, folder, mode="check")
        note(found, contender, plain, seen)
        if contender.numbers != "int8" and seen["same"] < MOSTLY:
            faults.add(f"{name} beam {beam}: {100 * (1 - seen['same']):.1f}% of the sentences have other words")
        if contender.numbers != "int8" and seen["apart"] > ROUNDING:
            faults.add(f"{name} beam {beam}: log-probabilities are {seen['apart']:.1e} apart")
    for other in (one for one in group if one.program == "torch" and one != plain):
        try:  # What the last of Attune's found, the closest to f32, still lies in the folder.
            note(found, ours[-1], other, programs.torch(work, other, folder, mode="check"))
        except Unable as why:
            unable[other] = give_up(other, why)
    return found, unable


def note(found, ours, theirs, seen):
    key = f"{ours} and {theirs}"
    found["same"][key], found["apart"][key] = seen["same"], seen["apart"]
    print(
        f"   beam {ours.beam}, {key}: {100 * seen['same']:.1f}% of {seen['sentences']:,} sentences have the same "
        f"words; log-probabilities of words are at most {seen['apart']:.1e} apart",
        flush=True,
    )


def give_up(contender, why):
    """A contender in f32 must do every work; others need not, and their rows say why."""
    if contender.numbers == "f32":
        raise why
    print(f"   {contender} cannot: {why}", flush=True)
    return str(why)
