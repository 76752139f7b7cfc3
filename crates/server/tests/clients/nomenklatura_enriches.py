"""Enriches an entity from a server with nomenklatura's enricher for yente. The server's address is given."""

import sys

from followthemoney import Dataset, StatementEntity, model
from nomenklatura.cache import Cache
from nomenklatura.db import Session, get_engine
from nomenklatura.enrich.yente import YenteEnricher

dataset = Dataset.make({"name": "enriched", "title": "Enriched"})
cache = Cache(Session(get_engine("sqlite://")), dataset, create=True)
enricher = YenteEnricher(dataset, cache, {"type": "yente", "api": sys.argv[1] + "/", "dataset": "watch", "cutoff": 0.7})

entity = StatementEntity.from_data(
    dataset,
    {"id": "mine", "schema": "Person", "properties": {"name": ["Orlan Veska"], "birthDate": ["1961-04-05"]}},
)
matches = list(enricher.match(entity))
assert [match.id for match in matches] == ["p1"], matches
assert matches[0].first("sourceUrl") == sys.argv[1] + "/entities/p1"
expanded = {adjacent.id: adjacent for adjacent in enricher.expand(entity, matches[0])}
assert set(expanded) == {"p1", "a1", "c1", "o1", "o2", "s1"}, sorted(expanded)
assert expanded["o1"].get("owner") == ["p1"] and expanded["o1"].get("asset") == ["c1"]
assert expanded["s1"].get("entity") == ["p1"]
print("all answers were read")
