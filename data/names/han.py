#!/usr/bin/env python3
"""Makes han.tsv: how Han characters are read in Mandarin, Cantonese and Sino-Korean, and which characters are variants.

usage: han.py UNIHAN_DIRECTORY > han.tsv

UNIHAN_DIRECTORY holds Unihan_Readings.txt and Unihan_Variants.txt of the Unicode Character Database (Unicode licence v3),
plain or .bz2; the package `unicode-data` of Debian has them. Kept are the characters of GB 2312 and Big5, which every name
in practice is written with; a traditional character is a row that points to its simplified one.
"""
import bz2
import os
import sys
import unicodedata

HEADER = """\
# Han characters: character <TAB> pinyin <TAB> jyutping <TAB> Sino-Korean (alternatives divided by |, the most usual first, without tones).
# A row with one more column only, `= character`, is a variant of that character and is folded to it.
# Made by han.py from the Unihan database of the Unicode Character Database 15.0 (kMandarin, kHanyuPinlu, kCantonese, kHangul,
# kSimplifiedVariant) for the characters of GB 2312 and Big5; Unicode licence v3. Readings in family names added by the lookback authors.
"""

# Readings as a family name, before the everyday ones.
SURNAME_READINGS = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "朴": "piao|pu", "查": "zha|cha", "翟": "zhai|di", "乐": "yue|le",
    "覃": "qin|tan", "盖": "ge|gai", "召": "shao", "任": "ren", "华": "hua", "尉": "wei|yu", "折": "she", "种": "chong", "秘": "bi",
    "洗": "xian", "冼": "xian", "缪": "miao", "逄": "pang", "员": "yun|yuan", "长": "chang|zhang", "重": "chong|zhong", "行": "xing|hang",
    "沈": "shen", "叶": "ye", "石": "shi", "贾": "jia", "俞": "yu", "费": "fei", "宿": "su", "卜": "bu", "车": "che|ju", "柏": "bo|bai",
    "黑": "hei|he", "和": "he", "阿": "a|e", "佛": "fo|fu", "万": "wan", "不": "bu", "都": "du|dou", "术": "shu", "吕": "lu|lyu", "绿": "lu|lyu",
    "律": "lu|lyu", "女": "nu|nyu", "伯": "bo|bai", "奇": "qi", "什": "shi", "茜": "xi|qian", "尔": "er", "卡": "ka", "泽": "ze", "塞": "sai|se",
    "若": "ruo", "娜": "na", "莎": "sha", "茄": "jia", "祭": "ji", "贝": "bei", "藏": "zang|cang", "朝": "chao|zhao", "晟": "sheng|cheng", "家": "jia",
}


def lines(directory, name):
    path = os.path.join(directory, name)
    opener = open(path, encoding="utf-8") if os.path.exists(path) else bz2.open(path + ".bz2", "rt", encoding="utf-8")
    with opener as file:
        for line in file:
            if line.startswith("U+"):
                code, field, value = line.rstrip("\n").split("\t")
                yield chr(int(code[2:], 16)), field, value


def plain(syllable):
    decomposed = unicodedata.normalize("NFD", syllable.replace("ü", "u").lower())
    return "".join(c for c in decomposed if "a" <= c <= "z")


def distinct(values, most):
    return list(dict.fromkeys(value for value in values if value))[:most]


def encoded(character, codec):
    return character.encode(codec, errors="ignore")


def is_simplified(character):
    return len(encoded(character, "gb2312")) == 2


def is_usual(character):
    """In GB 2312, or in the first level of Big5."""
    return is_simplified(character) or b"\xa4\x40" <= encoded(character, "big5") <= b"\xc6\x7e"


def pinyin(fields):
    counted = [part.split("(") for part in fields.get("kHanyuPinlu", "").split()]
    total = sum(int(count.rstrip(")")) for _, count in counted) or 1
    usual = [syllable for syllable, count in counted if int(count.rstrip(")")) * 8 >= total]
    return distinct(map(plain, fields.get("kMandarin", "").split() + usual), 2)


def simple(character, variants, usual):
    """The one simplified character that a traditional one is folded to, if any."""
    others = [other for other in variants.get(character, []) if other != character and other in usual]
    found = [other for other in others if is_simplified(other) and set(variants.get(other, [])) <= {other}]
    return found[0] if len(found) == 1 else None


def main():
    readings, variants = {}, {}
    for character, field, value in lines(sys.argv[1], "Unihan_Readings.txt"):
        if field in ("kMandarin", "kHanyuPinlu", "kCantonese", "kHangul"):
            readings.setdefault(character, {})[field] = value
    for character, field, value in lines(sys.argv[1], "Unihan_Variants.txt"):
        if field == "kSimplifiedVariant":
            variants[character] = [chr(int(code[2:], 16)) for code in value.split()]
    usual = {c for c in readings if is_usual(c)}
    folded = {c: simple(c, variants, usual) for c in usual}
    traditional = {to: c for c, to in sorted(folded.items()) if to}
    rows = {}
    for character in sorted(usual):
        if folded[character]:
            rows[character] = ["= " + folded[character]]
            continue
        fields = readings[character]
        fields.setdefault("kHangul", readings.get(traditional.get(character), {}).get("kHangul", ""))
        mandarin = distinct(SURNAME_READINGS.get(character, "").split("|") + pinyin(fields), 2)
        cantonese = distinct((plain(s) for s in fields.get("kCantonese", "").split()), 2)
        korean = distinct((s.split(":")[0] for s in fields.get("kHangul", "").split()), 2)
        if mandarin:
            rows[character] = ["|".join(mandarin), "|".join(cantonese), "|".join(korean)]
    sys.stdout.write(HEADER)
    for character, columns in rows.items():
        print("\t".join([character] + columns))


main()
