#!/bin/sh
# The oldest Python with the lowest versions that pyproject.toml allows, in build/lowest: first what
# reads, with the base installation alone; then the fast tests with every extra.
#     sh tests/house/lowest.sh [PYTHON]     exit code 77: no Python 3.10 was found
set -eu
cd "$(dirname "$0")/../.."
for python in "${1:-python3.10}" "$HOME"/.pyenv/versions/3.10.*/bin/python none; do
    "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null && break
done
[ "$python" != none ] || { echo "lowest.sh: no Python 3.10 here; name one" >&2; exit 77; }

fast='not (slow or browser or fuzz or ray or subprocess)'
venv=build/lowest
"$python" -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check uv
install() { "$venv/bin/uv" pip install --quiet --python "$venv" --resolution lowest-direct "$@"; }
tests() { "$venv/bin/python" -m pytest -q -n 2 -p no:cacheprovider -m "$fast" "$@"; }

install -e . pytest==8.3.0 pytest-xdist==3.6.1 hypothesis==6.150.0
tests tests/reading tests/lines tests/preprocessing tests/evaluation tests/network/test_weights.py \
    tests/engine/test_inference.py tests/engine/test_native_sdnn.py tests/engine/test_threads.py \
    tests/house/test_front_door.py --ignore-glob='*/test_train*.py'
install -e '.[test]'
tests --ignore=tests/reading --ignore=tests/lines --ignore=tests/preprocessing \
    --ignore=tests/evaluation
# Of these rooms, what was left out or skipped without the extras.
tests tests/lines/test_train*.py $(grep -l importorskip tests/reading/*.py tests/lines/*.py \
    tests/preprocessing/*.py tests/evaluation/*.py)
