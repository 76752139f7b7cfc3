#!/usr/bin/env python3
"""Makes parts.tsv: words that are given names and hardly ever family names, and the other way round.

    python3 parts.py DIR > parts.tsv

DIR is what rarity.py reads. A word's part is the one in whose lists it is `TIMES` as common as in those of the other, where it is usual in
any country or in the lists of several. Deterministic: the same inputs give the same bytes.
"""
import collections, pathlib, sys, tarfile

import rarity

TIMES = 5
# Of so many people one or more bears the word where it is most usual; or it is in the lists of so many countries.
SHARE_LEAST, COUNTRIES_LEAST = 0.001, 3


class Parts:
    def __init__(self):
        self.shares = collections.defaultdict(collections.Counter)
        self.countries = collections.defaultdict(set)

    def put(self, part, word, share):
        text = rarity.folded(word)
        if text and len(text) > 2 and not rarity.SYLLABIC.search(text):
            self.shares[text][part] = max(self.shares[text][part], share)
            return text

    def add_list(self, country, part, words):
        words = {word: 1 for word in words} if not isinstance(words, dict) else words
        total = float(sum(map(float, words.values())))
        for word, weight in words.items():
            if isinstance(word, str) and (text := self.put(part, word, rarity.COVERED[part] * float(weight) / total)):
                self.countries[text].add(country[:2])

    def add_census(self, folder):
        with tarfile.open(next(folder.glob("names-0.3.0.tar.gz"))) as archive:
            for name, part in (("female.first", "given"), ("male.first", "given"), ("all.last", "family")):
                for line in archive.extractfile(f"names-0.3.0/names/dist.{name}").read().decode().splitlines():
                    word, percent, *_ = line.split()
                    self.put(part, word, float(percent) / 100)

    def part(self, word):
        shares = self.shares[word]
        part, other = ("given", "family") if shares["given"] >= shares["family"] else ("family", "given")
        known = shares[part] >= SHARE_LEAST or len(self.countries[word]) >= COUNTRIES_LEAST
        return part if known and shares[part] >= TIMES * shares[other] else None


def main(folder):
    sys.path.insert(0, str(folder))
    parts = Parts()
    rarity.add_faker(parts)
    rarity.add_mimesis(parts)
    parts.add_census(folder)
    rows = collections.defaultdict(list)
    for word in sorted(parts.shares):
        rows[parts.part(word), word[0]].append(word)
    print("# Which part of a name a word is. Columns: part, words of that part that begin with one letter, divided by spaces.")
    print("# Made by parts.py from the name lists of faker 40.54.0 and mimesis 22.2.0 (licence MIT) and names 0.3.0 (licence MIT; United States census")
    print("# of 1990, public domain). No list of persons was a source.")
    for part in ("family", "given"):
        for (of, _first), words in sorted(rows.items(), key=str):
            if of == part:
                print(of, " ".join(words), sep="\t")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
