"""What `lenet export hub` writes is a model repository, and loads again."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from lenet.cli import main
from lenet.errors import FetchError, InputError, UsageError
from lenet.export.hub import export_hub
from lenet.network.weights import load_weights

lenet5 = pytest.importorskip("lenet.network.lenet5")


@pytest.fixture
def repository(tmp_path):
    export_hub(load_weights("1998"), tmp_path / "hub", "1998")
    return tmp_path / "hub"


def test_it_loads_again(repository, rng):
    names = sorted(path.name for path in repository.iterdir())
    assert names == ["README.md", "config.json", "model.safetensors"]
    images = rng.integers(0, 256, (5, 28, 28)).astype(np.uint8)
    shipped = lenet5.LeNet5.from_pretrained("1998")
    for source in (repository, str(repository), repository / "model.safetensors"):
        network = lenet5.LeNet5.from_pretrained(source)
        assert network.temperature == shipped.temperature
        assert np.array_equal(network.penalties(images), shipped.penalties(images))


def test_its_config_is_the_card(repository):
    config = json.loads((repository / "config.json").read_text())
    card = load_weights("1998").card
    assert config == {key: card[key] for key in card if key != "data"}
    (repository / "config.json").write_text(json.dumps(config | {"weights_sha256": "0"}))
    with pytest.raises(InputError, match=r"config\.json beside it"):
        load_weights(repository)


@pytest.mark.parametrize(
    ("name", "licence"), [("1998", "mit"), ("modern", "mit"), ("modern", None)]
)
def test_the_model_card_has_the_hubs_metadata(name, licence, tmp_path):
    yaml = pytest.importorskip("yaml")
    weights = load_weights(name)
    if not licence:  # others' weights that are called so, too
        weights.card["weights_sha256"] = "0"
    export_hub(weights, tmp_path, name)
    _, metadata, text = (tmp_path / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    about = yaml.safe_load(metadata)
    assert about.get("license") == licence
    assert (about["datasets"], about["library_name"]) == (["ylecun/mnist"], "lenet")
    ((entry,),) = (model["results"] for model in about["model-index"])
    assert entry["dataset"] == {"type": "ylecun/mnist", "name": "mnist", "split": "test"}
    (metric,) = entry["metrics"]
    assert metric["value"] == pytest.approx(1 - weights.card["test_error_rate"])
    assert f"{round(weights.card['test_error_rate'] * 10_000)} errors in 10,000" in text


def test_the_hubs_library_reads_the_metadata(repository):
    hub = pytest.importorskip("huggingface_hub")
    card = hub.ModelCard.load(repository / "README.md")
    (result,) = card.data.eval_results
    assert (result.dataset_type, result.metric_value) == ("ylecun/mnist", 0.9913)


def test_weights_without_a_card_make_no_claims(tmp_path):
    weights = load_weights("modern")
    weights.card.clear()
    export_hub(weights, tmp_path, "mine")
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "model-index" not in text
    assert text.count("not recorded") == 2
    assert load_weights(tmp_path).temperature == 1


def test_it_names_the_folder_of_the_data_but_not_where_it_lay(tmp_path):
    weights = load_weights("modern")
    weights.card["dataset"] = "/home/anna/patients/forms"
    export_hub(weights, tmp_path, "mine")
    written = [
        (tmp_path / name).read_text(encoding="utf-8") for name in ("README.md", "config.json")
    ]
    assert all("forms" in text and "anna" not in text for text in written)


def test_a_folder_with_other_files_is_refused(tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError, match="holds other files"):
        export_hub(load_weights("1998"), tmp_path, "1998")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_command_lists_its_files(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["lenet", "export", "hub", str(tmp_path / "new"), "--json"])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    document = json.loads(capsys.readouterr().out)
    assert [load_weights(tmp_path / "new").card["seed"], len(document["files"])] == [1, 3]


def test_owner_and_name_are_fetched_if_the_hubs_library_is_there(repository, monkeypatch):
    asked = []

    def snapshot_download(name, *, allow_patterns):
        asked.append((name, allow_patterns))
        if name == "nobody/nothing":
            raise FileNotFoundError("404")
        if name == "runs/my--run":
            raise ValueError("Cannot have -- or .. in repo_id")
        return str(repository)

    hub = SimpleNamespace(snapshot_download=snapshot_download, __spec__=True)
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    assert lenet5.LeNet5.from_pretrained("anna/lenet5").temperature > 1
    assert asked == [("anna/lenet5", ["model.safetensors", "config.json"])]
    for name in ("nobody/nothing", "runs/my--run"):
        with pytest.raises(FetchError, match=f"{name}: not fetched"):
            lenet5.LeNet5.from_pretrained(name)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(InputError, match="no such weights"):
        lenet5.LeNet5.from_pretrained("anna/lenet5")
