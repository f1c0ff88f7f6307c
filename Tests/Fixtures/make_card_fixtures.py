"""Writes card/parsed.json: what huggingface_hub's own parser reads from card/README.md, the card of a small run.

    pip install -r requirements-card.txt && python make_card_fixtures.py

card/README.md is a snapshot of CardTests, which RECORD_SNAPSHOTS=1 rewrites; run this script after that.
"""

import json
import pathlib

from huggingface_hub import ModelCard, metadata_load

FOLDER = pathlib.Path(__file__).parent / "card"

path = FOLDER / "README.md"
card = ModelCard.load(path)
data = card.data
# Reading and writing again must lose nothing.
assert ModelCard(str(card)).data.to_dict() == data.to_dict()
assert metadata_load(path)["model-index"], "no model index"

parsed = {
    "language": data.language,
    "base_model": data.base_model,
    "library_name": data.library_name,
    "pipeline_tag": data.pipeline_tag,
    "license": data.license,
    "metrics": data.metrics,
    "tags": data.tags,
    "model_name": data.model_name,
    "results": [
        {
            "task_type": result.task_type,
            "dataset_type": result.dataset_type,
            "dataset_name": result.dataset_name,
            "dataset_config": result.dataset_config,
            "dataset_split": result.dataset_split,
            "metric_type": result.metric_type,
            "metric_name": result.metric_name,
            "metric_value": result.metric_value,
        }
        for result in data.eval_results
    ],
}
(FOLDER / "parsed.json").write_text(json.dumps(parsed, indent=1, ensure_ascii=False) + "\n")
