#!/usr/bin/env python3
"""Makes rarity.tsv: how common name words are.

    python3 -m pip install --target DIR faker==40.54.0 mimesis==22.2.0
    python3 -m pip download --no-deps --no-binary :all: -d DIR names==0.3.0
    python3 rarity.py DIR > rarity.tsv

Reads the name lists of `faker` and `mimesis` (both MIT), those of `names` (MIT; counts of the United States census of 1990, public domain) and
`rarity_written.tsv` beside this file. Deterministic: the same inputs give the same bytes.

The share of people that bear a word is its weight where a list has weights. A list without weights is taken for the names of most
people of its country, evenly; that says little, so such a word is of level 1, of a short list 2, and a long list is read for the words that it shares with a
list of another country. A word has its highest level.
"""
import collections, importlib, json, pathlib, re, sys, tarfile, unicodedata

HERE = pathlib.Path(__file__).parent
LEVELS = ((4, 0.02), (3, 0.005), (2, 0.001), (1, 0.0002))
# Which part of a country's people a list is taken to cover.
COVERED = {"given": 0.8, "family": 0.4}
# Entries of a list without weights: fewer are examples, not the common names of a country; up to `SHORT` they are the most common; of more than
# `LONG` most are rare.
ENTRIES_LEAST, SHORT, LONG = 40, 150, 600
# In so many countries' lists, a word of lists without weights has at least that level.
COUNTRIES_FOR = {1: 2, 2: 6}
# Countries so small that what is usual there is a handful of people.
LEFT_OUT = {"de_LI", "de_LU", "is_IS", "is", "int", "global"}

FOLDING = dict(
    line.replace("= ", "").split("\t")
    for name in ("folding.tsv", "han.tsv")
    for line in (HERE / name).read_text(encoding="utf-8").splitlines()
    if line.count("\t") == 1 and not line.startswith("#")
)
SYLLABIC = re.compile("[\u3400-\u9fff\uac00-\ud7af]")


def folded(word, signs_joined=False):
    """As lookback_names::fold makes it, as far as lists need it; none for what is not one word. Syllable signs are words of one sign
    but where they are joined, as in a foreign name."""
    text = unicodedata.normalize("NFKC", word.strip()).lower()
    text = "".join(unicodedata.normalize("NFD", letter)[0] if "GREEK" in unicodedata.name(letter, "") else letter for letter in text)
    text = "".join(FOLDING.get(letter, letter) for letter in text if letter not in "'’ʻʼ`ـ" and unicodedata.category(letter) != "Mn")
    text = re.sub("^ال(?=...)", "", text)
    if not text.isalpha() or len(text) < 2 and not SYLLABIC.fullmatch(text):
        return None
    return text if signs_joined or len(text) == 1 or not SYLLABIC.search(text) else None


def level(share):
    return next((level for level, least in LEVELS if share >= least), 0)


class Levels:
    def __init__(self):
        self.of = collections.Counter()
        self.countries = collections.defaultdict(set)

    def put(self, word, level, signs_joined=False):
        text = folded(word, signs_joined)
        if text and level:
            self.of[text] = max(self.of[text], level)

    def add_list(self, country, part, words):
        """`words` is a mapping to weights, or a sequence without."""
        weights = words if isinstance(words, dict) else None
        if weights and len(set(weights.values())) > 3:
            total = sum(weights.values())
            for word, weight in weights.items():
                self.put(word, level(COVERED[part] * float(weight) / float(total)))
        else:
            entries = sorted({word for word in words if isinstance(word, str)})
            if len(entries) < ENTRIES_LEAST:
                return
            if len(entries) <= LONG:
                for word in entries:
                    self.put(word, 2 if len(entries) <= SHORT else 1)
        for word in words:
            if isinstance(word, str) and (text := folded(word)):
                self.countries[text].add(country[:2])


def add_faker(levels):
    import faker.providers.person as person

    for path in sorted(pathlib.Path(person.__file__).parent.iterdir()):
        if not (path / "__init__.py").exists() or path.name in LEFT_OUT:
            continue
        provider = importlib.import_module(f"faker.providers.person.{path.name}").Provider
        inherited = provider.__mro__[1]
        for name in sorted(vars(provider)):
            value = getattr(provider, name)
            found = re.match(r"(first_names|middle_names|last_names)(_female|_male|_unisex|_common)?$", name)
            both = found and not found[2] and hasattr(provider, f"{found[1]}_male")
            if found and not both and isinstance(value, (tuple, list, dict)) and getattr(inherited, name, None) is not value:
                levels.add_list(path.name, "family" if found[1] == "last_names" else "given", value)


def add_mimesis(levels):
    import mimesis

    for path in sorted((pathlib.Path(mimesis.__file__).parent / "datasets").glob("*/person.json")):
        if path.parent.name in LEFT_OUT:
            continue
        data = json.loads(path.read_text(encoding="utf-8"))
        for key, part in (("names", "given"), ("surnames", "family")):
            lists = data.get(key, {})
            for words in [lists] if isinstance(lists, list) else [lists[gender] for gender in sorted(lists)]:
                if isinstance(words, list):
                    levels.add_list(path.parent.name, part, words)


def add_census(levels, folder):
    with tarfile.open(next(folder.glob("names-0.3.0.tar.gz"))) as archive:
        for part in ("female.first", "male.first", "all.last"):
            for line in archive.extractfile(f"names-0.3.0/names/dist.{part}").read().decode().splitlines():
                word, percent, *_ = line.split()
                levels.put(word, level(float(percent) / 100))


def add_written(levels):
    for line in (HERE / "rarity_written.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            number, words = line.split("\t")
            for word in words.split(" "):
                levels.put(word, int(number), signs_joined=True)


def main(folder):
    sys.path.insert(0, str(folder))
    levels = Levels()
    add_faker(levels)
    add_mimesis(levels)
    add_census(levels, folder)
    for word, countries in levels.countries.items():
        for number, least in COUNTRIES_FOR.items():
            if len(countries) >= least:
                levels.put(word, number)
    add_written(levels)
    rows = collections.defaultdict(list)
    for word in sorted(levels.of):
        rows[levels.of[word], word[0]].append(word)
    print("# How common name words are among people. Columns: level, words of that level that begin with one letter, divided by spaces.")
    print("# Levels: the share of people that bear the word where it is most usual. 4: 2 % or more; 3: 0.5 %; 2: 0.1 %; 1: 0.02 %; not listed: fewer, or unknown.")
    print("# Made by rarity.py from the name lists of faker 40.54.0 and mimesis 22.2.0 (licence MIT), names 0.3.0 (licence MIT; United States census of")
    print("# 1990, public domain) and rarity_written.tsv (licence of the project). No list of persons was a source.")
    for number, _ in LEVELS:
        for (of, _first), words in sorted(rows.items()):
            if of == number:
                print(of, " ".join(words), sep="\t")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
