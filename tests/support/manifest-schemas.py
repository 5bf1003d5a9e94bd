"""Writes JSON schemas that refuse unknown fields, one file a kind, for tests/unit/deploy/manifests.test.ts.

Kubernetes' own kinds come from the package kubernetes-validate, KServe's from its SDK, and the ServiceMonitor from cloudcoil's
models of the Prometheus operator. Usage: manifest-schemas.py FOLDER
"""

import importlib.util
import json
import re
import sys
import types
from pathlib import Path

import kubernetes_validate
from cloudcoil.models.prometheus_operator import v1 as prometheus

KUBERNETES = "1.37"
DEFINITIONS = "https://kubernetes.io/api/_definitions.json"
KINDS = [
    "deployment-apps-v1",
    "horizontalpodautoscaler-autoscaling-v2",
    "job-batch-v1",
    "networkpolicy-networking-v1",
    "persistentvolumeclaim-v1",
    "poddisruptionbudget-policy-v1",
    "service-v1",
    "serviceaccount-v1",
]
PRIMITIVES = {
    "bool": {"type": "boolean"},
    "float": {"type": "number"},
    "int": {"type": "integer"},
    "object": {},
    "str": {"type": "string"},
    "ResourceQuantity": {"type": ["string", "number"]},
}


def import_kserve_models():
    """Without the package's own start, which imports servers and data frames."""
    spec = importlib.util.find_spec("kserve")
    package = types.ModuleType("kserve")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["kserve"] = package
    return importlib.import_module("kserve.models")


class KServe:
    """Schemas from the types that KServe's SDK states for each field."""

    def __init__(self, definitions):
        self.models = import_kserve_models()
        self.schemas = {}
        # V1Container → io.k8s.api.core.v1.Container; of several groups with one name, core is meant.
        self.kubernetes = {}
        for name in sorted(definitions, key=lambda each: ".core.v1." in each):
            *_, version, kind = name.split(".")
            self.kubernetes[version.capitalize() + kind] = name

    def schema_of(self, stated):
        if stated in PRIMITIVES:
            return PRIMITIVES[stated]
        if match := re.fullmatch(r"list\[(.*)\]", stated):
            return {"type": "array", "items": self.schema_of(match[1])}
        if match := re.fullmatch(r"dict\(str, (.*)\)", stated):
            return {"type": "object", "additionalProperties": self.schema_of(match[1])}
        if hasattr(self.models, stated):
            self.add(stated)
            return {"$ref": f"#/$defs/{stated}"}
        if stated in self.kubernetes:
            return {"$ref": f"{DEFINITIONS}#/$defs/{self.kubernetes[stated]}"}
        # Only fields that manifests may not have.
        return {"not": {}, "description": f"unknown type {stated}"}

    def add(self, name):
        if name in self.schemas:
            return
        model = getattr(self.models, name)
        self.schemas[name] = schema = {"type": "object", "additionalProperties": False, "properties": {}}
        for field, stated in model.openapi_types.items():
            schema["properties"][model.attribute_map[field]] = self.schema_of(stated)

    def kind(self, name):
        self.add(name)
        return {"$ref": f"#/$defs/{name}", "$defs": self.schemas}


def refuse_unknown(schema):
    """Makes each object of a schema of pydantic refuse fields that it does not name."""
    if isinstance(schema, list):
        for each in schema:
            refuse_unknown(each)
    elif isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            schema.setdefault("additionalProperties", False)
        for each in schema.values():
            refuse_unknown(each)
    return schema


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)

    def write(name, schema):
        (folder / f"{name}.json").write_text(json.dumps(schema))

    root = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / f"v{KUBERNETES}.0-local-strict"
    definitions = json.loads((root / "_definitions.json").read_text())
    write("_definitions", definitions)
    for kind in KINDS:
        schema = json.loads((root / f"{kind}.json").read_text())
        schema.pop("$id")
        write(kind, json.loads(json.dumps(schema).replace('"/api/_definitions.json#', f'"{DEFINITIONS}#')))
    kserve = KServe(definitions["$defs"])
    write("servingruntime-serving-v1alpha1", kserve.kind("V1alpha1ServingRuntime"))
    write("inferenceservice-serving-v1beta1", kserve.kind("V1beta1InferenceService"))
    write("servicemonitor-monitoring-v1", refuse_unknown(prometheus.ServiceMonitor.model_json_schema(by_alias=True)))


main(Path(sys.argv[1]))
