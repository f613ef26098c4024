"""`lenet export hub`: a folder with the layout of a model repository on the Hugging Face Hub."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from lenet.errors import UsageError
from lenet.files import refusing, write_atomically
from lenet.network.weights import (
    HUB_CARD,
    HUB_TENSORS,
    Weights,
    load_weights,
    save_weights,
    shipped_names,
)

README = "README.md"
HUB_NAMES = {"mnist": "ylecun/mnist"}  # of data sets; others keep the name they have here
MODEL_CARD = """---
{metadata}
---

# LeNet-5 {name}

LeNet-5 of LeCun, Bottou, Bengio and Haffner, *Gradient-Based Learning Applied to Document
Recognition*, Proceedings of the IEEE 86(11):2278–2324, 1998, in the Python package `lenet`.

```python
import lenet

network = lenet.LeNet5.from_pretrained(FOLDER)  # this folder, or OWNER/NAME on the Hub
network.classify(images).values  # images: uint8 (n, 28, 28), 0 paper … 255 full ink
```

- **Input**: digits as in MNIST, light on dark, about 20×20 pixels, centred by their centre of mass.
  `lenet.read` finds and prepares digits in photos and scans, with `weights` set to this folder.
- **Output**: ten penalties, the lowest wins; softmax of −penalty / {temperature:.3g} gives
  confidences.
- **Network**: {network}.
- **Training**: {training}.
- **Result**: {result}.
- **Limits**: one digit per image, in the handwriting of the training data. Letters and scribbles
  get a digit, too. Where a wrong number does harm, reject low confidences.

`{tensors}` holds float32 tensors under the layers' names, C3 dense with zeros where maps are not
connected. `{card}` holds the network's options, the recipe, the seed, and the SHA-256 of the
weights and of the training data.
"""


def export_hub(weights: Weights, folder: Path, name: str) -> list[Path]:
    """Write the weights, their card and a model card with metadata into a new or empty folder.

    `LeNet5.from_pretrained` and `load_weights` read it back.

    Parameters
    ----------
    name : what the weights are called in the title. Those we ship are under our licence, whatever
        their name; of others, it is their owner's to choose

    Raises
    ------
    UsageError
        where the folder holds other files; an earlier export is replaced.
    """
    names = (README, HUB_TENSORS, HUB_CARD)
    others = sorted({path.name for path in folder.iterdir()} - {*names}) if folder.is_dir() else []
    if [name for name in others if not name.startswith(".")]:
        raise UsageError(f"{folder}: holds other files; name a new or an empty folder")
    # Where the data lay is of no use elsewhere; `dataset` keeps the name of the set or its folder.
    card = {key: value for key, value in weights.card.items() if key != "data"}
    if "dataset" in card:
        card["dataset"] = Path(card["dataset"]).name
    with refusing(folder, "choose another folder"):
        folder.mkdir(parents=True, exist_ok=True)
        save_weights(folder, weights.tensors, card, HUB_TENSORS)
        write_atomically(folder / README, _model_card(replace(weights, card=card), name).encode())
    return [folder / name for name in names]


def _model_card(weights: Weights, name: str) -> str:
    # JSON is YAML, so names need no quoting of their own.
    metadata = [f"{key}: {json.dumps(value)}" for key, value in _metadata(weights, name).items()]
    card = weights.card
    recipe = card.get("recipe", {})
    told = f"recipe `{recipe.get('name')}`, seed {card.get('seed')}, data set {card.get('dataset')}"
    return MODEL_CARD.format(
        metadata="\n".join(metadata),
        name=name,
        temperature=weights.temperature,
        network=" · ".join(f"{k} {v}" for k, v in weights.architecture.to_dict().items()),
        training=told if recipe else "not recorded",
        result=_result(card) or "not recorded",
        tensors=HUB_TENSORS,
        card=HUB_CARD,
    )


def _result(card: dict[str, Any]) -> str | None:
    rate, n = card.get("test_error_rate"), card.get("test_n")
    if rate is None or not n:
        return None
    return f"{round(rate * n)} errors in {n:,} test digits of {card.get('dataset')} ({rate:.2%})"


def _metadata(weights: Weights, name: str) -> dict[str, Any]:
    """The entries that the Hub reads of a model card, scores as a `model-index`."""
    card = weights.card
    ours = [load_weights(shipped).card["weights_sha256"] for shipped in shipped_names()]
    about: dict[str, Any] = {"license": "mit"} if card.get("weights_sha256") in ours else {}
    about |= {
        "library_name": "lenet",
        "pipeline_tag": "image-classification",
        "tags": ["lenet-5", "handwritten-digits", "safetensors"],
    }
    dataset = str(card.get("dataset"))
    if dataset in HUB_NAMES:
        about["datasets"] = [HUB_NAMES[dataset]]
    if _result(card):
        found = {
            "task": {"type": "image-classification"},
            "dataset": {"type": HUB_NAMES.get(dataset, dataset), "name": dataset, "split": "test"},
            "metrics": [{"type": "accuracy", "value": round(1 - card["test_error_rate"], 6)}],
        }
        about["model-index"] = [{"name": f"LeNet-5 {name}", "results": [found]}]
    return about
