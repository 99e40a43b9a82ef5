"""Objects that change the lists they lie in while these are read: an error or a result, never memory that is gone."""

from __future__ import annotations

import subprocess
import sys

import pytest
from command import HERE

# Each case sets `arguments`; `wipe` overwrites what was freed, so that reading it cannot go unnoticed.
START = """
from xproj_fast.errors import InputError
from xproj_fast.pairs import SentencePairs

def wipe(items, more=()):
    items.clear()
    items.extend(more)
    return [bytearray(8 * n) for n in range(64) for _ in range(64)]

class Index:
    def __init__(self, act): self.act = act
    def __index__(self): self.kept = self.act(); return 0

arguments = {"source_words": [["a"]] * 3, "target_words": [["b"]] * 3, "entities": [[], [], []]}
"""
END = """
try:
    SentencePairs.from_lists(**arguments)
    print("read")
except InputError as error:
    print(error)
"""
LENGTH = "expected a list that keeps its length while it is read"

CASES = {
    "an index clears the links": (
        """
links = [(0, 0)] * 50
links[1] = (Index(lambda: wipe(links)), 0)
arguments["alignments"] = [[], links, []]
""",
        f"alignments: sentence 1: {LENGTH}, got []",
    ),
    "an index adds links": (
        """
links = [(Index(lambda: links.extend([(0, 0)] * 100_000)), 0), (0, 0)]
arguments["alignments"] = [links, [], []]
""",
        f"alignments: sentence 0: {LENGTH}, got [(<",
    ),
    "the last index adds links": (
        """
links = [(0, 0), (0, Index(lambda: links.append((0, 0))))]
arguments["alignments"] = [links, [], []]
""",
        f"alignments: sentence 0: {LENGTH}, got [(0, 0), (0, <",
    ),
    "an index clears its own link": (
        """
link = [Index(lambda: wipe(link)), 0]
arguments["alignments"] = [[link], [], []]
""",
        f"alignments: sentence 0, item 0: {LENGTH}, got []",
    ),
    "an index replaces its own link": (
        """
link = [Index(lambda: wipe(link, [0, 0])), 0]
arguments["alignments"] = [[link], [], []]
""",
        "read",
    ),
    "an index clears the sentences": (
        """
sentences = [[(Index(lambda: wipe(sentences)), 0)], [(0, 0)], []]
arguments["alignments"] = sentences
""",
        f"alignments: the whole argument: {LENGTH}, got []",
    ),
    "an index clears the entities": (
        """
entities = [[Index(lambda: wipe(entities)), 1, "P"], (0, 1, "P")]
arguments["entities"] = [entities, [], []]
""",
        f"entities: sentence 0: {LENGTH}, got []",
    ),
    "a key of a dict clears dict and entities": (
        """
class Key(str):
    __hash__ = str.__hash__
    def __eq__(self, other):
        entity.clear()
        self.kept = wipe(entities)
        return str.__eq__(self, other)

entity = {Key("start"): 10**30, "end": 10**31, "label": str(10**30)}
entities = [entity]
arguments["entities"] = [entities, [], []]
""",
        "entities: sentence 0, item 0: expected an entity",
    ),
    "a key of a dict frees the fields": (
        """
class Key(str):
    __hash__ = str.__hash__
    def __eq__(self, other):
        if other == "end" and "start" in entity:
            self.kept = [entity.pop("start"), *wipe([])][1:]
        return str.__eq__(self, other)

entity = {"start": int("0" * 5), Key("end"): 1, "label": "P" * len(arguments)}
entities = [entity]
arguments["entities"] = [entities, [], []]
""",
        "read",
    ),
    "what is iterated clears the sentences": (
        """
class Words:
    def __iter__(self): self.kept = wipe(sentences); return iter(["a"])

sentences = [Words(), ["b"], ["c"]]
arguments["source_words"] = sentences
""",
        f"source_words: the whole argument: {LENGTH}, got []",
    ),
    "a length that clears the sentences is not asked": (
        """
class Words(list):
    def __len__(self): self.kept = wipe(sentences); return 1 << 60

sentences = [Words(["a"]), ["b"], ["c"]]
arguments["source_words"] = sentences
""",
        "read",
    ),
    "a length that lies is not asked": (
        """
class Words:
    def __len__(self): return 1 << 60
    def __iter__(self): return iter(["a"])

arguments["source_words"] = [Words(), ["b"], ["c"]]
""",
        "read",
    ),
    "what is freed clears the sentences": (
        """
class Words:
    def __iter__(self): sentences[0] = None; return iter(["a"])
    def __del__(self): wipe(sentences)

sentences = [Words(), ["b"], ["c"]]
arguments["source_words"] = sentences
""",
        f"source_words: the whole argument: {LENGTH}, got []",
    ),
    "what is shown clears the links": (
        """
class Shown:
    def __repr__(self): self.kept = wipe(links); return "shown"

links = [Shown(), (0, 0)]
arguments["alignments"] = [links, [], []]
""",
        "alignments: sentence 0, item 0: expected a (source, target) pair of word indices, got shown",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_hostile_objects(name: str) -> None:
    case, expected = CASES[name]
    code = START + case + END
    done = subprocess.run([sys.executable, "-c", code], **HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(expected), done.stdout


def test_an_interrupt_inside_of_a_key_is_not_swallowed() -> None:
    case = """
class Key(str):
    __hash__ = str.__hash__
    def __eq__(self, other): raise KeyboardInterrupt

arguments["entities"] = [[{Key("start"): 0, "end": 1, "label": "P"}], [], []]
"""
    code = START + case + END
    done = subprocess.run([sys.executable, "-c", code], **HERE, capture_output=True, text=True, check=False)
    assert "KeyboardInterrupt" in done.stderr
