"""Markdown of what was seen: the machine, then every ratio, a column for each cap."""

import statistics

from .works import PAIRS, RATE, UNIT, WORKS, Contender

NOTHING = "–"


def render(record):
    """All tables, for README.md and for docs/bench.md."""
    most = max(record["options"]["threads"])
    lines = ["## The machine", "", *machine(record), "", *caps(record)]
    lines += ["", "## For README.md", "", *ratios(record, most, brief=True)]
    lines += ["", "## For docs/bench.md"]
    for threads in reversed(record["options"]["threads"]):
        lines += ["", f"### Ratios with {plural(threads, 'thread')}", "", *ratios(record, threads)]
    for threads in reversed(record["options"]["threads"]):
        lines += ["", f"### Speed and memory with {plural(threads, 'thread')}", "", *rates(record, threads)]
    if len(record["options"]["threads"]) > 1:
        lines += ["", "### What more threads give", "", *scaling(record)]
    lines += ["", "### Whether it is the same work", "", *agreement(record)]
    lines += notes(record)
    return "\n".join(lines)


def table(header, rows):
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(map(str, line)) + " |" for line in lines]


def plural(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def spread(ratios):
    """Their median, with the least and the greatest."""
    if len(ratios) < 2:
        return f"{ratios[0]:.2f} (one round)" if ratios else NOTHING
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def title(name, beam):
    search = {0: "", 1: ", greedy"}.get(beam, f", beam {beam}")
    return f"{name} {WORKS[name].title}{search}"


def machine(record):
    """The machine, the versions and the state in which it was."""
    what, versions, options = record["machine"], record["versions"], record["options"]
    virtual = ", virtual" if what["virtual"] else ""
    shares = [run["result"]["others"] for run in record["runs"] if run["result"].get("others") is not None]
    taken = (
        f"; while programs ran, others took {100 * statistics.median(shares):.0f}% of the cores' time in the median "
        f"and at most {100 * max(shares):.0f}%"
        if shares
        else ""
    )
    return [
        f"- processor: {what['processor']} ({what['identity']}){virtual}, {plural(what['cores'] or '?', 'core')}, "
        f"{plural(what['threads'], 'thread')}, cache {what['cache']}, {what['memory_gb']} GB of memory",
        f"- instruction sets: {', '.join(what['instruction_sets']) or 'the system does not say'}",
        *([f"- GPU: {what['gpu']}"] if what.get("gpu") else []),
        f"- {what['system']}; {versions['attune']} ({versions['commit']}), PyTorch {versions['torch']}, "
        f"Python {versions['python']}",
        f"- threads of both programs: {' and '.join(map(str, options['threads']))}",
        f"- load: {' before, '.join(map(str, record['loads']))}{' after' if record['loads'][1:] else ''}{taken}",
        f"- {record['date']}; {amount(record)}; made by `{options['command']}`",
    ]


def amount(record):
    """How much was timed."""
    timed = [plural(record["options"]["rounds"], "round")]
    for name, beams in record.works().items():
        kind = WORKS[name].kind
        runs = [run["result"] for run in record["runs"] if run["work"] == name and run["program"] == "attune"]
        if kind == "train" and runs and "updates" not in timed[-1]:
            timed.append(f"{runs[0]['steps']} updates")
        elif kind == "decode" and runs:
            timed.append(f"{runs[0]['sentences']} sentences of {name}")
    return ", ".join(timed)


def caps(record):
    """What each program says that it uses under each cap."""
    rows = []
    for name, cap in record["caps"].items():
        libraries = "; ".join(f"{library}: {said}" for library, said in cap["torch"]["libraries"].items())
        told = " ".join(f"{key}={value}" for key, value in cap["environment"].items())
        rows.append(
            [
                name,
                cap["isa"] or "does not say",
                f"{cap['torch']['capability']}; {libraries}; bytes by {cap['torch']['engine']}",
                f"`{told}`" if told else "nothing",
            ]
        )
    return table(["cap", "Attune uses", "PyTorch uses", "told by"], rows)


def ratios(record, threads, brief=False):
    """Attune's speed over PyTorch's."""
    columns, rows, reasons = list(record["caps"]), [], []
    for name, beams in record.works().items():
        kind = WORKS[name].kind
        for beam in beams:
            for ours, theirs in PAIRS[kind]:
                if brief and theirs == "bf16" or brief and (ours, theirs) == ("int8", "f32"):
                    continue
                ends = [Contender("attune", ours, beam), Contender("torch", theirs, beam)]
                seen = [ratio(record, name, cap, threads, *ends) for cap in columns]
                whys = {cap: record.why_not(name, cap, ends[1]) for cap in columns}
                row = title(name, beam)
                reasons += [f"- {row}, {cap}: {ends[1]} cannot: {why}" for cap, why in whys.items() if why]
                if any(seen) or any(whys.values()):
                    rows.append([row, ours, theirs, *map(spread, seen)])
    lines = table(["work", "Attune", "PyTorch", *columns], rows)
    return lines + ["", *dict.fromkeys(reasons)] if reasons else lines


def ratio(record, name, cap, threads, ours, theirs):
    """Of each round in which both ran."""
    rate = RATE[WORKS[name].kind]
    one, other = (record.results(name, cap, threads, contender) for contender in (ours, theirs))
    return [one[number][rate] / other[number][rate] for number in sorted(one.keys() & other.keys())]


def everybody(record):
    """Every contender of every work."""
    found = []
    for run in record["runs"]:
        one = (run["work"], Contender(run["program"], run["numbers"], run["beam"]))
        found += [one] if one not in found else []
    order = lambda one: (one[0], one[1].beam, one[1].program, ("f32", "24-bit", "bf16", "int8").index(one[1].numbers))
    return sorted(found, key=order)


def median(record, name, cap, threads, contender):
    rate = RATE[WORKS[name].kind]
    seen = [said[rate] for said in record.results(name, cap, threads, contender).values()]
    return statistics.median(seen) if seen else None


def rates(record, threads):
    """Median speeds and greatest memories."""
    rows = []
    for name, contender in everybody(record):
        row = [title(name, contender.beam), contender]
        for cap in record["caps"]:
            speed = median(record, name, cap, threads, contender)
            runs = record.results(name, cap, threads, contender).values()
            memory = max((said["peak_rss_mb"] or 0 for said in runs), default=0)
            row.append(f"{speed:,.0f} {UNIT[WORKS[name].kind]}, {memory:,.0f} MB" if speed else NOTHING)
        rows.append(row)
    imported = [run["result"].get("rss_mb_after_import") or 0 for run in record["runs"]]
    return [
        *table(["work", "by", *record["caps"]], rows),
        "",
        f"PyTorch has {max(imported, default=0):,.0f} MB once it is imported.",
    ]


def scaling(record):
    """The speed of each program with most threads over its own with fewest."""
    few, most = min(record["options"]["threads"]), max(record["options"]["threads"])
    rows = []
    for name, contender in everybody(record):
        row = [title(name, contender.beam), contender]
        for cap in record["caps"]:
            before, after = (median(record, name, cap, threads, contender) for threads in (few, most))
            row.append(f"{after / before:.2f}" if before and after else NOTHING)
        rows.append(row)
    return [f"Speed with {most} over that with {few}:", "", *table(["work", "by", *record["caps"]], rows)]


def agreement(record):
    """What was compared before anything was timed."""
    rows = {}
    for check in record["checks"]:
        name = title(check["work"], check["beam"])
        for what, seen in compared(check):
            rows.setdefault((name, what), {})[check["cap"]] = seen
    lines = [[*key, *(seen.get(cap, NOTHING) for cap in record["caps"])] for key, seen in rows.items()]
    return table(["work", "compared", *record["caps"]], lines)


def compared(check):
    """Each thing that was compared, and what was seen."""
    if "first_apart" in check:
        yield f"losses of the first {check['first']} updates, no dropout", f"{100 * check['first_apart']:.4f}% apart"
        yield f"losses of {check['updates']} updates, no dropout", f"{100 * check['apart']:.2f}% apart"
        for numbers, (difference, updates) in check["dropped"].items():
            what = f"mean loss of {plural(updates, 'update')} with dropout, Attune f32 over PyTorch {numbers}"
            yield what, f"{100 * difference:+.2f}%"
        return
    for pair, same in check["same"].items():
        apart = check["apart"][pair]
        yield f"translations, {pair}", f"{100 * same:.1f}% the same; log-probabilities {apart:.0e} apart"


def notes(record):
    """What a reader must know before believing the tables."""
    lines = []
    if any(run["result"].get("limited") for run in record["runs"]):
        lines += [
            "",
            "Where the processor has no instructions for bfloat16 under the cap, PyTorch bf16 did a few batches only, "
            "and in one round only if it took over twice as long as f32.",
        ]
    said = {(run["work"], run["program"], run["numbers"]) for run in record["runs"]}
    if ("G", "attune", "24-bit") in said and ("G", "attune", "f32") not in said:
        lines += ["", "G has no row of Attune in f32: this `attune bench translate` has no `--favour`."]
    if record["faults"]:
        lines += ["", "Not as it should be:", "", *(f"- {fault}" for fault in record["faults"])]
    return lines
