"""All that was seen, as it is written to a file of JSON."""

import json
import os
from pathlib import Path


class Record:
    """Raw numbers, from which the tables are made."""

    def __init__(self, content):
        self.content = content
        for part in ("checks", "runs", "unable", "faults"):
            content.setdefault(part, [])
        content.setdefault("caps", {})

    @classmethod
    def read(cls, path):
        return cls(json.loads(Path(path).read_text(encoding="utf8")))

    def write(self, path):
        """A run that is killed leaves what came before; nobody sees half a file."""
        part = Path(f"{path}.part")
        part.write_text(json.dumps(self.content, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
        os.replace(part, path)

    def __getitem__(self, part):
        return self.content[part]

    def __setitem__(self, part, value):
        self.content[part] = value

    def add_check(self, work, cap, beam, found):
        self["checks"].append({"work": work, "cap": cap, "beam": beam, **found})

    def add_runs(self, work, cap, threads, runs):
        for contender, number, said in runs:
            place = {"work": work, "cap": cap, "threads": threads, "round": number, **vars(contender)}
            self["runs"].append({**place, "result": said})

    def add_unable(self, work, cap, unable):
        for contender, why in unable.items():
            one = {"work": work, "cap": cap, **vars(contender), "why": why}
            if one not in self["unable"]:
                self["unable"].append(one)

    def results(self, work, cap, threads, contender):
        """What each round's run of a contender said, by the round's number."""
        place = {"work": work, "cap": cap, "threads": threads, **vars(contender)}
        fits = lambda run: all(run[key] == value for key, value in place.items())
        return {run["round"]: run["result"] for run in self["runs"] if fits(run)}

    def why_not(self, work, cap, contender):
        """Why a contender could not do a work; nothing where it could, or was not asked to."""
        place = {"work": work, "cap": cap, **vars(contender)}
        for one in self["unable"]:
            if all(one[key] == value for key, value in place.items()):
                return one["why"]
        return None

    def works(self):
        """Names of works, each with its beams, in the order in which they were done."""
        found = {}
        for run in self["runs"]:
            beams = found.setdefault(run["work"], [])
            beams += [run["beam"]] if run["beam"] not in beams else []
        return found
