"""Opens graphs with networkx and tells what it read: one JSON object for each file, in the order given."""

import json
import sys

import networkx


def told(path):
    graph = networkx.read_gexf(path) if path.endswith(".gexf") else networkx.read_graphml(path)
    return {
        "directed": graph.is_directed(),
        "nodes": {node: data for node, data in graph.nodes(data=True)},
        "edges": sorted(([source, target, data] for source, target, data in graph.edges(data=True)), key=json.dumps),
    }


for path in sys.argv[1:]:
    print(json.dumps(told(path), ensure_ascii=False, sort_keys=True))
