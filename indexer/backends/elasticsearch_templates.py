"""Templates and their versions: the rendered ones into Elasticsearch, what is there checked against them.

`python -m indexer.backends.elasticsearch_templates` prints deploy/elasticsearch/templates.json.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from elasticsearch import Elasticsearch

from indexer.backends.elasticsearch_outcomes import outcome_template
from indexer.backends.elasticsearch_schema import Names, components, index_template
from indexer.schema import SCHEMA_VERSION
from newswire.engine import EngineSettings
from newswire.errors import FailureError


def put_templates(client: Elasticsearch, names: Names, options: EngineSettings) -> None:
    """Write component and index templates; the same ones again change nothing."""
    for name, body in components(names, options).items():
        client.cluster.put_component_template(
            name=name, template=body["template"], version=body["version"], meta=body["_meta"]
        )
    template = index_template(names)
    client.indices.put_index_template(
        name=names.template,
        index_patterns=template["index_patterns"],
        composed_of=template["composed_of"],
        template=template["template"],
        priority=template["priority"],
        version=template["version"],
        meta=template["_meta"],
    )


def schemas(client: Elasticsearch, names: Names) -> dict[str, int]:
    """The schema number of each index behind the alias; 0 where it has none."""
    found: Any = client.indices.get_mapping(index=names.read, ignore_unavailable=True)
    return {index: int(body["mappings"].get("_meta", {}).get("schema", 0)) for index, body in found.items()}


def check_indices(client: Elasticsearch, names: Names) -> None:
    """FailureError when an index has another schema than this release writes."""
    for index, schema in sorted(schemas(client, names).items()):
        if schema > SCHEMA_VERSION:
            raise FailureError(f"index {index} has schema {schema}, this newswire writes {SCHEMA_VERSION}: upgrade it")
        if schema < SCHEMA_VERSION:
            raise FailureError(
                f"index {index} has schema {schema}, this newswire writes {SCHEMA_VERSION}: `newswire index migrate`"
            )


def render_templates() -> str:
    """deploy/elasticsearch/templates.json: what the indexer puts into Elasticsearch before the first article."""
    options = EngineSettings()
    names = Names(options.index_prefix)
    made = {
        "component_templates": components(names, options),
        "index_templates": {
            names.template: index_template(names),
            names.outcomes: outcome_template(names, options),
        },
    }
    return json.dumps(made, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render_templates())
