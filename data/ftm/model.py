"""Writes model.json from the FollowTheMoney model as the library prints it (`ftm dump-model`).

    python3 data/ftm/model.py ftm_model_4.11.2.json

What is left out: lengths, qualified names, which schemata are generated, and the labels of values that nothing here shows.
"""

import json
import pathlib
import sys

OF_SCHEMA = ["label", "plural", "description", "schemata", "extends", "caption", "featured", "required", "edge",
             "temporalExtent", "matchable", "abstract", "hidden", "deprecated"]
OF_PROPERTY = ["label", "description", "type", "range", "reverse", "stub", "matchable", "hidden"]
OF_TYPE = ["label", "plural", "group", "matchable"]
SHOWN_BY_LABEL = ["country", "gender", "topic"]


def keep(fields, of):
    return {field: of[field] for field in fields if of.get(field) not in (None, False, [], "")}


def schema(written):
    kept = keep(OF_SCHEMA, written)
    kept["properties"] = {name: keep(OF_PROPERTY, of) for name, of in written["properties"].items()}
    return kept


def kind(name, written):
    kept = keep(OF_TYPE, written)
    if name in SHOWN_BY_LABEL:
        kept["values"] = written["values"]
    return kept


def main():
    full = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    model = {
        "model": f"FollowTheMoney {full['version']}",
        "schemata": {name: schema(written) for name, written in full["schemata"].items()},
        "types": {name: kind(name, written) for name, written in full["types"].items()},
    }
    out = pathlib.Path(__file__).with_name("model.json")
    out.write_text(json.dumps(model, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


main()
