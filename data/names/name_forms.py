"""Makes name_forms.txt.gz from the name forms of Wikidata (CC0), as reduced by rigour: `form, form, ... => item` a line.

    python3 data/names/name_forms.py ../shared/data/names/person_name_forms.txt.gz data/names/name_forms.txt.gz

Out comes one group of words a line, words divided by blanks, sorted: words that are written for one another. Words are folded as
crates/names/src/fold.rs folds them. Left out are words of another kind than the crate compares (several words, digits, signs of
one syllable), words too short to tell anything, groups of readings of Han signs (the crate reads those by itself), and groups that
another one holds. The same input gives the same bytes.
"""

import collections
import gzip
import pathlib
import re
import sys
import unicodedata

HERE = pathlib.Path(__file__).parent


def rows(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


FOLDING = {row[0]: row[1].removeprefix("= ") for name in ("folding.tsv", "han.tsv") for row in rows(name) if len(row) == 2}
ROMANISATION = {row[0]: row[1] if len(row) > 1 else "" for row in rows("romanisation.tsv")}
DROPPED = re.compile("['`\u00ad\u061c\u0640\u02b0-\u02ff\u200b-\u200f\u2018-\u201b\u202a-\u202e\u2032\u2060-\u206f\ua78b\ua78c\ufeff-]")
SCRIPTS = [
    ("latin", "a-z\u00c0-\u024f\u1e00-\u1eff", 3),
    ("greek", "\u0370-\u03ff\u1f00-\u1fff", 3),
    ("cyrillic", "\u0400-\u052f\u1c80-\u1c8f\ua640-\ua69f", 3),
    ("abjad", "\u0590-\u06ff\u0750-\u077f\u08a0-\u08ff", 3),
    ("han", "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff", 2),
    ("kana", "\u3040-\u30ff", 3),
    ("hangul", "\uac00-\ud7af", 2),
    ("armenian", "\u0530-\u058f", 3),
    ("georgian", "\u10a0-\u10ff\u1c90-\u1cbf", 3),
    ("indic", "\u0900-\u0dff", 2),
    ("thai", "\u0e00-\u0eff", 2),
]
SCRIPTS = [(name, re.compile("[" + letters + "]+"), least) for name, letters, least in SCRIPTS]
HIRAGANA = re.compile("[\u3040-\u309f]+")
FAMILY = re.compile("([oe]v|[ое]в|sk|ск)$")
SURNAME_SIGN = re.compile("[\u3400-\u9fff]|[\u3400-\u9fff][姓氏]")


def fold_letter(letter):
    if "\u0370" <= letter <= "\u03ff" or "\u1f00" <= letter <= "\u1fff":
        letter = unicodedata.normalize("NFD", letter)[0]
    return FOLDING.get(letter, letter)


def is_mark(letter):
    """Accents; the vowel signs of Indic scripts are letters."""
    return unicodedata.category(letter) in ("Mn", "Me") and not (
        "\u0900" <= letter <= "\u0dff" and unicodedata.combining(letter) == 0)


def fold(form):
    text = unicodedata.normalize("NFKC", form.lower())
    text = DROPPED.sub("", text)
    return "".join(fold_letter(letter) for letter in text if not is_mark(letter))


def script(word):
    """The script of a word and whether it is long enough; None for a mixed or an unknown one."""
    for name, letters, least in SCRIPTS:
        if letters.fullmatch(word):
            return name if len(word) >= least else None
    return None


def romanised(word):
    """A Cyrillic word in Latin letters, so that names written alike in two languages meet those of both."""
    return "".join(ROMANISATION.get(letter, "") for letter in word)


def without_other_gender(group):
    """One of Latin or Cyrillic words that differ by a final a: mostly a man's and a woman's name, or an oblique case. The rarer ending of the
    group goes. Family names stay: they are one name."""
    letters = {word for word in group if script(word) in ("latin", "cyrillic")}
    shorter = {word for word in letters if not FAMILY.search(word) and (word + "a" in letters or word + "а" in letters)}
    ending = sum(word[-1] in "aа" for word in letters)
    if 2 * ending > len(letters):
        return group - shorter
    return group - {word + "a" for word in shorter} - {word + "а" for word in shorter}


def words(forms):
    """The words of one line."""
    if any(SURNAME_SIGN.fullmatch(form) for form in forms):
        return frozenset()
    if any(HIRAGANA.fullmatch(form) for form in forms):
        return frozenset()
    folded = {fold(form) for form in forms if " " not in form}
    folded |= {romanised(word) for word in folded if script(word) == "cyrillic"}
    return without_other_gender(frozenset(word for word in folded if script(word)))


def read(path):
    groups = set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            forms, arrow, _ = line.strip().rpartition(" => ")
            group = words(forms.split(", ")) if arrow else frozenset()
            if len(group) > 1:
                groups.add(group)
    return groups


def memberships(groups):
    found = collections.defaultdict(list)
    for group in groups:
        for word in group:
            found[word].append(group)
    return found


def without_subsets(groups):
    member = memberships(groups)
    def held(group):
        rarest = min(group, key=lambda word: (len(member[word]), word))
        return any(group < other for other in member[rarest])
    return {group for group in groups if not held(group)}


def main(source, target):
    groups = without_subsets(read(source))
    text = "\n".join(" ".join(group) for group in sorted(sorted(group) for group in groups)) + "\n"
    with open(target, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode())
    print(len(groups), "groups,", sum(map(len, groups)), "entries,", len(memberships(groups)), "words", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
