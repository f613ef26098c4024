"""Recipes: read, written, and refused."""

from __future__ import annotations

import dataclasses

import pytest

from lenet.errors import InputError, UsageError
from lenet.network.summary import summarise
from lenet.training.optimisers import AdamW, Sdlm
from lenet.training.recipe import Recipe
from lenet.training.recipes import RECIPES, load_recipe

TOML = """
passes = 3
loss = "eq9"
rubbish = 12
[network]
c3 = "full"
[adamw]
batch = 64
peak_rate = 0.005
"""


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_a_recipe_goes_out_and_comes_back(recipe):
    assert Recipe.from_dict(recipe.to_dict()) == recipe


def test_a_recipe_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        RECIPES["1998"].passes = 3


def test_from_toml(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(TOML)
    recipe = load_recipe(file)
    assert (recipe.name, recipe.passes, recipe.rubbish) == ("mine", 3, 12.0)
    assert recipe.network.c3 == "full"
    assert recipe.optimiser == AdamW(batch=64, peak_rate=0.005)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("passes = 3", "exactly one of the tables sdlm, adamw"),
        ("[sdlm]\n[adamw]", "exactly one"),
        ("[adamw]\nmomentum = 0.9", "unknown setting momentum"),
        ("speed = 3\n[adamw]", "unknown setting speed"),
        ("passes = 0\n[adamw]", "passes must be at least 1"),
        ("passes = 2.5\n[adamw]", "passes must be a whole number"),
        ("passes = true\n[adamw]", "whole number"),
        ('passes = "many"\n[adamw]', "whole number"),
        ("[adamw]\nbatch = -1", "batch must be at least 1"),
        ("[adamw]\npeak_rate = nan", "peak_rate must be above 0"),
        ("[adamw]\npeak_rate = inf", "finite"),
        ("[adamw]\nwarm_up = 1.0", "below 1"),
        ('[adamw]\nschedule = "steps"', "use one of cycle, constant"),
        ("[adamw]\n[distillation]\nseeds = 2", "missing .*recipes"),
        ("[adamw]\n[distillation]\nrecipes = []", "at least one recipe"),
        ("temperature = 0\n[adamw]", "temperature must be 1e-6 … 1e6"),
        ("temperature = 3\n[sdlm]", "temperature works with mini-batches"),
        ("[adamw]\n[distortion]\ndegraded = 2", "degraded must be at most 1"),
        ("[sdlm]\nrates = []", "at least one rate"),
        ("[sdlm]\nrates = [0.1, -1]", "above 0"),
        ("[sdlm]\nrates = 0.1", "must be a list"),
        ('loss = "eq7"\n[sdlm]', "loss = 'eq7' is unknown"),
        ('initialisation = "he"\n[sdlm]', "initialisation"),
        ("[network]\npool = 2\n[sdlm]", "network: unknown setting pool"),
        ('[network]\nsquash = "gelu"\n[sdlm]', "squash"),
        ('[network]\nhead = "linear"\n[sdlm]', "eq. 8"),
        ("adamw = 3", "must be a table"),
        ("network = 3\n[adamw]", "must be a table"),
        ("passes = [", "not a usable recipe"),
    ],
)
def test_slips_of_the_pen_are_answered(text, told, tmp_path):
    file = tmp_path / "slip.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=rf"slip\.toml: .*{told}") as refused:
        load_recipe(file)
    assert "Traceback" not in str(refused.value)


HOSTILE = {
    "a name that leaves runs/": ('name = "../../x"\n[adamw]', "name must be"),
    "a zero byte": ('name = "a\\u0000b"\n[adamw]', "name must be"),
    "a control sequence": ('name = "a\\u001b]0;b\\u0007"\n[adamw]', "name must be"),
    "a long name": (f'name = "{"a" * 300}"\n[adamw]', "name must be"),
    "no name": ('name = ""\n[adamw]', "name must be"),
    "a temperature of 10**400": (f"temperature = 1{'0' * 400}\n[adamw]", "fits 64 bits"),
    "a temperature of 1e-300": ("temperature = 1e-300\n[adamw]", "1e-6 … 1e6"),
    "a j of 10**400": (f"rubbish = 1{'0' * 400}\n[adamw]", "fits 64 bits"),
    "many digits": (f"passes = {'1' * 9_000}\n[adamw]", "limit"),
    "many hexadecimal digits": (f"passes = 0x{'f' * 9_000}\n[adamw]", "limit"),
    "more than a recipe holds": (f"passes = {'1' * 5_000_000}\n[adamw]", "at most 16,384"),
    "nested lists": (f"passes = {'[' * 9_000}", "recursion"),
    "nested tables": (f"passes = {'{a=' * 3_000}1{'}' * 3_000}\n[adamw]", "recursion"),
    "a table under dots": (f"passes.{'a.' * 2_000}a = 1\n[adamw]", "must be a whole number"),
    "passes without end": (f"passes = 1{'0' * 30}\n[adamw]", "at most a million"),
    "wide teachers": ("[adamw]\n[distillation]\ncnn = {width = 1000000000}", "1 … 256"),
    "many teachers": (
        "[adamw]\n[distillation]\nseeds = 1000000000000\nrecipes = [{adamw = {}}]",
        "seeds must be 1 … 1,000",
    ),
    "many copies": (
        "[adamw]\n[distillation]\ncopies = 1000000000\nrecipes = [{adamw = {}}]",
        "copies must be 1 … 1,000",
    ),
}


@pytest.mark.parametrize(("text", "told"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_recipes_are_answered(text, told, tmp_path):
    (tmp_path / "hostile.toml").write_text(text)
    with pytest.raises(InputError, match=rf"hostile\.toml: .*{told}") as refused:
        load_recipe(tmp_path / "hostile.toml")
    assert len(str(refused.value)) < 1000


def test_a_sparse_recipe_is_not_read(tmp_path):
    with (tmp_path / "sparse.toml").open("wb") as file:
        file.truncate(60 * 2**30)
    with pytest.raises(InputError, match="at most 16,384"):
        load_recipe(tmp_path / "sparse.toml")


def test_an_unknown_name_is_wrong_usage():
    with pytest.raises(UsageError, match="1998, literal, modern, plain-distilled, teacher, quick"):
        load_recipe("resnet")


def test_a_missing_file_is_bad_input(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        load_recipe(tmp_path / "none.toml")


def test_one_cycle_rises_and_falls():
    method = AdamW(peak_rate=0.01, warm_up=0.25)
    assert method.rate(0) == 0
    assert method.rate(0.25) == pytest.approx(0.01)
    assert method.rate(0.625) == pytest.approx(0.005)
    assert method.rate(1) == pytest.approx(0)


def test_a_constant_rate():
    method = AdamW(peak_rate=0.01, schedule="constant")
    assert [method.rate(done) for done in (0, 0.1, 0.9)] == [0.01] * 3


def test_the_taught_are_the_network_of_1998_and_the_usual_imitation():
    modern, plain = RECIPES["modern"], RECIPES["plain-distilled"]
    assert modern.network == RECIPES["1998"].network
    assert sum(layer.parameters for layer in summarise(modern.network)) == 60_000
    assert sum(layer.parameters for layer in summarise(plain.network)) == 61_706
    assert plain.network == plain.distillation.recipes[0].network
    assert plain.distillation == dataclasses.replace(modern.distillation, copies=16)


def test_published_is_sdlm_with_eq_9():
    recipe = RECIPES["1998"]
    assert isinstance(recipe.optimiser, Sdlm)
    assert (recipe.loss, recipe.passes, recipe.rubbish) == ("eq9", 20, 3.0)
