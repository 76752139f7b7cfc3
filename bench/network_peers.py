"""One peer of the network's benchmark, measured in a process of its own. `lookback-bench network` calls it once for each.

In: a folder of columns as the benchmark writes them (person, attribute, first, last, kind), a peer, how many hops between
persons and attributes, and the cap above which an attribute is left out. Out: one line of JSON: seconds until the peer can answer,
milliseconds of its median answer to "whom does person 0 reach", how many persons that are, how many of 1 to 400 among them, and the most
memory in MiB (reading the columns included); or {"missing": …} where the peer is not installed. Always holds: reading the columns is not in
the seconds, and turning an answer into the peer's own form is in the milliseconds, but not into Python's.
"""

import argparse
import importlib
import json
import resource
import statistics
import sys
import time
from pathlib import Path

START, PLANTED = 0, 400
NEVER = 2**31 - 1
COLUMNS = {"person": "u4", "attribute": "u4", "first": "i4", "last": "i4"}


def columns(folder, cap):
    """The observations of attributes with no more persons than the cap."""
    import numpy

    person, attribute, first, last = (
        numpy.fromfile(Path(folder) / name, dtype="<" + kind).astype(numpy.int64) for name, kind in COLUMNS.items()
    )
    pairs = numpy.unique(attribute << 32 | person)
    degree = numpy.bincount(pairs >> 32, minlength=int(attribute.max()) + 1)
    kept = degree[attribute] <= cap
    return person[kept], attribute[kept], first[kept], last[kept]


class Numpy:
    """Level by level over rows sorted by person and by attribute; an interval is entered as long as it lasts."""

    needs, knows = ["numpy"], "intervals"

    def __init__(self, rows):
        import numpy

        self.numpy = numpy
        person, attribute, first, last = rows
        self.sides = [
            self.side(person, attribute, first, last),
            self.side(attribute, person, first, last),
        ]

    def side(self, here, there, first, last):
        order = self.numpy.argsort(here, kind="stable")
        starts = self.numpy.zeros(int(here.max()) + 2, self.numpy.int64)
        self.numpy.cumsum(self.numpy.bincount(here), out=starts[1:])
        return starts, there[order], first[order], last[order]

    def reach(self, hops):
        numpy = self.numpy
        best = [numpy.full(len(starts) - 1, NEVER) for starts, *_ in self.sides]
        at, when = numpy.array([START]), numpy.array([-NEVER])
        best[0][START] = -NEVER
        reached = [at]
        for hop in range(hops):
            starts, there, first, last = self.sides[hop % 2]
            counts = starts[at + 1] - starts[at]
            before = numpy.cumsum(counts) - counts
            rows = numpy.repeat(starts[at] - before, counts) + numpy.arange(counts.sum())
            arrival = numpy.maximum(numpy.repeat(when, counts), first[rows])
            in_time = arrival <= last[rows]
            target, arrival = there[rows][in_time], arrival[in_time]
            known = best[1 - hop % 2]
            earlier = arrival < known[target]
            target, arrival = target[earlier], arrival[earlier]
            order = numpy.lexsort((arrival, target))
            target, arrival = target[order], arrival[order]
            at, once = numpy.unique(target, return_index=True)
            when = arrival[once]
            known[at] = when
            if hop % 2 == 1:
                reached.append(at)
        return numpy.unique(numpy.concatenate(reached))

    def persons(self, reached):
        return set(reached.tolist())


class Igraph:
    """The neighbourhood of a node: breadth first, no time."""

    needs, knows = ["igraph", "numpy"], "no time"

    def __init__(self, rows):
        import igraph

        person, attribute, _, _ = rows
        self.people = int(person.max()) + 1
        edges = list(zip(person.tolist(), (attribute + self.people).tolist()))
        self.graph = igraph.Graph(n=self.people + int(attribute.max()) + 1, edges=edges)

    def reach(self, hops):
        return self.graph.neighborhood(START, order=hops)

    def persons(self, reached):
        return {node for node in reached if node < self.people}


class Duckdb:
    """Joins over an indexed table, one a hop; an interval is entered as long as it lasts."""

    needs, knows = ["duckdb", "numpy", "pandas"], "intervals"

    def __init__(self, rows):
        import duckdb
        import pandas

        self.database = duckdb.connect()
        frame = pandas.DataFrame(dict(zip(COLUMNS, rows)))
        self.database.register("frame", frame)
        self.database.execute('create table observed as select person, attribute, "first" as since, "last" as until from frame')
        self.database.execute("create index by_person on observed(person)")
        self.database.execute("create index by_attribute on observed(attribute)")

    def reach(self, hops):
        query = f"with reached0 as (select {START}::bigint as node, {-NEVER}::bigint as arrival)"
        for hop in range(hops):
            here, there = ("person", "attribute") if hop % 2 == 0 else ("attribute", "person")
            query += (
                f", reached{hop + 1} as (select {there} as node, min(greatest(arrival, since)) as arrival"
                f" from reached{hop} join observed on {here} = node where arrival <= until group by {there})"
            )
        everyone = " union ".join(f"select node from reached{hop}" for hop in range(0, hops + 1, 2))
        return self.database.execute(f"{query} {everyone}").fetchall()

    def persons(self, reached):
        return {node for (node,) in reached}


class Raphtory:
    """Its own algorithm over the first days: an instant must lie after the one before, so that fewer are reached."""

    needs, knows = ["raphtory", "numpy", "pandas"], "instants"

    def __init__(self, rows):
        import numpy
        import pandas
        import raphtory

        person, attribute, first, _ = rows
        self.people = int(person.max()) + 1
        self.before = int(first.min()) - 1
        both = {
            "day": numpy.concatenate([first, first]),
            "source": numpy.concatenate([person, attribute + self.people]),
            "target": numpy.concatenate([attribute + self.people, person]),
        }
        self.graph = raphtory.Graph()
        self.graph.load_edges(pandas.DataFrame(both), time="day", src="source", dst="target")

    def reach(self, hops):
        from raphtory import algorithms

        return algorithms.temporally_reachable_nodes(self.graph, hops, self.before, [START])

    def persons(self, reached):
        return {node.id for node, state in reached.items() if node.id < self.people and state["reachable_nodes"]}


PEERS = {"numpy": Numpy, "igraph": Igraph, "duckdb": Duckdb, "raphtory": Raphtory}


def timed(work):
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def missing(peer):
    for module in peer.needs:
        try:
            importlib.import_module(module)
        except ImportError:
            return module
    return None


def measure(args):
    peer = PEERS[args.peer]
    absent = missing(peer)
    if absent:
        return {"missing": absent}
    rows = columns(args.folder, args.cap)
    ready, build = timed(lambda: peer(rows))
    answers = [timed(lambda: ready.reach(args.hops)) for _ in range(args.repeat)]
    reached = ready.persons(answers[0][0]) - {START}
    return {
        "version": getattr(importlib.import_module(peer.needs[0]), "__version__", "?"),
        "knows": peer.knows,
        "observations": len(rows[0]),
        "build_s": build,
        "reach_ms": 1e3 * statistics.median(seconds for _, seconds in answers),
        "persons": len(reached),
        "planted": sum(1 for person in reached if person <= PLANTED),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--hops", type=int, default=4)
    parser.add_argument("--cap", type=int, default=64)
    parser.add_argument("--repeat", type=int, default=5)
    json.dump(measure(parser.parse_args()), sys.stdout)


if __name__ == "__main__":
    main()
