#!/usr/bin/env python3
"""Makes calibration.tsv: from raw scores of labelled pairs to the share of them that are the same person's.

usage: calibration.py PAIRS.tsv.gz RAW_SCORES > calibration.tsv

PAIRS has the columns of the labelled set (label, group_q …), RAW_SCORES one raw score a pair, as
`cargo run --release -p lookback-names --example pairs -- --raw` prints them. Half of the people (by the hash of
the query's person) are fitted by isotonic regression, which is thinned to a few knots and made strictly
rising; the other half gives the calibration error that is printed on standard error.
"""
import csv
import gzip
import hashlib
import sys

HEADER = """\
# Calibration: raw score <TAB> score, both in millionths; a line is drawn between the knots. A score is the share of labelled pairs of
# such a raw score that are the same person's. Fitted by calibration.py (isotonic regression on half of the people of a labelled set
# of name pairs, which is not part of the project); no pair can be told from the knots. licence of the project."""
FULL = 1_000_000
# Raw scores at which a knot may stand.
GRID = [0, 100_000, 200_000, 300_000, 400_000, 450_000, 500_000, 550_000, 600_000, 650_000, 700_000, 750_000,
        800_000, 850_000, 900_000, 950_000, 990_000]
# The least rise between two knots, so that the line is strictly rising.
RISE = 1_000


def pooled(points):
    """Pool-adjacent-violators over (raw, label), sorted: blocks of [sum of raw, sum of labels, count]."""
    blocks = []
    for raw, label in sorted(points):
        blocks.append([raw, label, 1])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last)]
    return [(raw / count, label / count) for raw, label, count in blocks]


def line(knots, raw):
    for (x0, y0), (x1, y1) in zip(knots, knots[1:]):
        if raw <= x1:
            return y0 + (raw - x0) * (y1 - y0) / (x1 - x0)
    return knots[-1][1]


def main():
    with gzip.open(sys.argv[1], "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    raw = [int(text) for text in open(sys.argv[2], encoding="utf-8").read().split()]
    fitted = [hashlib.sha256(row["group_q"].encode()).digest()[0] % 2 == 0 for row in rows]
    points = [(score, int(row["label"])) for row, score, fit in zip(rows, raw, fitted) if fit]
    steps = [(0.0, 0.0)] + pooled(points) + [(FULL, 1.0)]
    knots = [(0, 0)]
    for x in GRID[1:]:
        y = min(FULL - RISE, max(knots[-1][1] + RISE, round(line(steps, x) * FULL)))
        knots.append((x, y))
    knots.append((FULL, FULL))
    print(HEADER)
    for x, y in knots:
        print(f"{x}\t{y}")
    tested = [(line(knots, score) / FULL, int(row["label"])) for row, score, fit in zip(rows, raw, fitted) if not fit]
    brier = sum((p - label) ** 2 for p, label in tested) / len(tested)
    error = 0
    for b in range(15):
        inside = [(p, label) for p, label in tested if b == min(14, int(p * 15))]
        error += abs(sum(p for p, _ in inside) - sum(label for _, label in inside)) / len(tested)
    print(f"held-out people: expected calibration error {error:.4f}, Brier score {brier:.4f}", file=sys.stderr)


main()
