"""Recipes by name, and from TOML files; those beside this file come with the package."""

from __future__ import annotations

import sys
from pathlib import Path

from lenet.errors import InputError, UsageError
from lenet.files import read_limited
from lenet.training.recipe import Recipe

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_RECIPE = 2**14  # bytes; tomllib's time grows with the square of a key's dots


def load_recipe(name: str | Path) -> Recipe:
    """The recipe of that name, or the one a TOML file holds."""
    if str(name) in RECIPES:
        return RECIPES[str(name)]
    path = Path(name)
    if path.suffix != ".toml":
        raise UsageError(
            f"no recipe named {name}; known are {', '.join(RECIPES)}, lines and signs "
            "(lenet train only), or give a .toml file"
        )
    return _read(path)


def _read(path: Path) -> Recipe:
    try:
        document = tomllib.loads(read_limited(path, MAX_RECIPE).decode("utf-8"))
        return Recipe.from_dict({"name": path.stem} | document)
    except (OSError, ValueError, RecursionError) as problem:
        raise InputError(f"{path}: not a usable recipe: {problem}") from problem


RECIPES = {
    name: _read(Path(__file__).with_name(f"{name}.toml"))
    for name in ("1998", "literal", "modern", "plain-distilled", "teacher", "quick")
}
PUBLISHED, MODERN, TEACHER = RECIPES["1998"], RECIPES["modern"], RECIPES["teacher"]
PLAIN_DISTILLED = RECIPES["plain-distilled"]
PLAIN, STRONG = PLAIN_DISTILLED.network, TEACHER.distortion
