"""Asks a server with the client of the hosted service, and checks what the client makes of each answer. The server's address is given."""

import sys

from yente_client import Client
from yente_client.entities import Person
from yente_client.exceptions import BadRequestError, NotFoundError

client = Client(base_url=sys.argv[1])

assert client.healthz().status == client.readyz().status == "ok"
names = [dataset.name for dataset in client.datasets().datasets]
assert names == ["ships", "watch"], names
assert [dataset.name for dataset in client.datasets().datasets] == names, "again, by its tag"
algorithms = client.algorithms()
assert algorithms.best == "best" and len(algorithms.algorithms) == 6

found = client.search("veska", datasets=["watch"], countries=["fr"], facets=["topics", "countries"], limit=5)
assert {entity.id for entity in found.results} == {"p1", "c1"} and found.total.value == 2
assert found.facets["countries"].values[0].label == "France"
assert client.search("weska~", datasets=["default"], fuzzy=True).total.value == 4
assert [entity.id for entity in client.search("veska", datasets=["watch"], schema="Company").results] == ["c1"]

person = Person(name=["Orlan Veska"], nationality=["France"])
matched = client.match(person, datasets=["watch"], algorithm="best", threshold=0.8, limit=3, exclude_entities=["p2"])
assert [(result.id, result.match, result.score) for result in matched.results] == [("p1", True, 1.0)], matched
assert matched.results[0].explanations["name_match"].score == 1.0
streamed = dict(client.match_iter([("a", person), ("b", person)], datasets=["watch"]))
assert all(response.results[0].id == "p1" for response in streamed.values())
assert not client.match(person, datasets=["watch"], topics=["wanted"]).results

entity = client.fetch("old-1")
assert (entity.id, entity.caption, entity.referents) == ("p1", "Orlan V.", ["old-1"]), "the redirect was followed"
assert entity.properties["addressEntity"][0].properties["full"] == ["3 Quay Street, Ostrey"]
adjacent = client.adjacent("p1", limit=1)
assert adjacent.adjacent["ownershipOwner"].total.value == 2
assert [entity.id for entity in client.adjacent("p1", prop="ownershipOwner", offset=1).results] == ["o2"]

for refused, error in [
    (lambda: client.fetch("nobody"), NotFoundError),
    (lambda: client.search("(veska", datasets=["watch"]), BadRequestError),
    (lambda: client.search("veska", datasets=["nowhere"]), NotFoundError),
    (lambda: client.match(person, datasets=["watch"], algorithm="zz"), BadRequestError),
]:
    try:
        refused()
    except error:
        continue
    raise AssertionError(error)
print("all answers were read")
