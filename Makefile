# Everything sets itself up: a virtual environment in .venv, the build, the run.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamps
COMPILED := pyproject.toml CMakeLists.txt $(shell find csrc/xproj csrc/bindings -type f)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: build demo test test-engines test-portable lint format types stubs cpp-test fuzz fuzz-coverage bench bench-models table labels-table tiny-models docs wheel-test clean help

build: $(STAMP)/install  ## set up .venv and compile; what a bare `make` does

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(STAMP)/venv:
	$(PYTHON) -m venv $(VENV)
	mkdir -p $(STAMP) && touch $@

# Editable: an edited Python file needs no `make`, an edited C++ file does.
$(STAMP)/install: $(STAMP)/venv constraints.txt $(COMPILED)
	$(PIP) -e .
	touch $@

# By the name of what is installed, not by '.', which would compile it once more.
$(STAMP)/test-tools: $(STAMP)/install
	$(PIP) 'xproj-fast[test,eflomal,report,export,pipelines]'
	touch $@

$(STAMP)/dev-tools: $(STAMP)/venv constraints.txt pyproject.toml
	$(PIP) ruff mypy clang-format cmake ninja build numpy pyarrow rich jinja2
	touch $@

$(STAMP)/fuzz-tools: $(STAMP)/test-tools
	$(PIP) atheris || echo 'no wheel of atheris for this machine: what is written in Python is not fuzzed'
	touch $@

$(STAMP)/engine-tools: $(STAMP)/test-tools
	$(PIP) 'xproj-fast[engines]'
	touch $@

$(STAMP)/bench-tools: $(STAMP)/test-tools
	$(PIP) 'xproj-fast[bench]'
	touch $@

$(STAMP)/docs-tools: $(STAMP)/install
	$(PIP) 'xproj-fast[docs]'
	touch $@

demo: $(STAMP)/install  ## project real sentences, show a sample and a summary
	$(BIN)/xproj-fast demo

# In the order of their names: by number of tests, a file of two long tests would come last, and one core wait for it.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

test: $(STAMP)/test-tools  ## the whole test suite, and the examples of docstrings
	$(PYTEST) -m 'not engines'
	$(BIN)/python -m pytest -q --doctest-modules xproj_fast

# One after the other: each engine takes all cores itself.
test-engines: $(STAMP)/engine-tools  ## Ray, Spark, Daft, datasets and what else embeds the package, for real
	$(BIN)/python -m pytest -q -m engines

test-portable: $(STAMP)/test-tools  ## the tests on models once more, as a CPU without AVX rounds
	ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE CT2_FORCE_CPU_ISA=GENERIC \
	  $(PYTEST) -m trains

lint: $(STAMP)/dev-tools  ## ruff, clang-format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/clang-format --dry-run --Werror $(shell find csrc -name '*.cpp' -o -name '*.hpp')

format: $(STAMP)/dev-tools  ## rewrite files as lint wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(shell find csrc -name '*.cpp' -o -name '*.hpp')

types: $(STAMP)/dev-tools  ## mypy --strict
	$(BIN)/mypy

stubs: $(STAMP)/install $(STAMP)/dev-tools  ## the types of the compiled core are those of the core that is built
	$(BIN)/python -m mypy.stubtest xproj_fast._core

cpp-test: $(STAMP)/dev-tools  ## C++ unit tests under the address, undefined-behaviour and thread sanitizers
	for sanitizer in address,undefined thread; do \
	  $(BIN)/cmake -S . -B build/cpp-$${sanitizer%%,*} -G Ninja -DCMAKE_MAKE_PROGRAM="$$(realpath -s $(BIN)/ninja)" \
	    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DXPROJ_PYTHON=OFF -DXPROJ_TESTS=ON -DXPROJ_WERROR=ON \
	    -DXPROJ_SANITIZE=$$sanitizer && \
	  $(BIN)/cmake --build build/cpp-$${sanitizer%%,*} && build/cpp-$${sanitizer%%,*}/xproj_tests || exit 1; \
	done

FUZZ_SECONDS ?= 120
FUZZ_SEED ?= 0
FUZZ := --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED)

# Side by side: libFuzzer's targets two at a time, atheris' one by one.
fuzz: $(STAMP)/dev-tools $(STAMP)/fuzz-tools  ## libFuzzer on the C++ core (needs clang), atheris on the Python readers; FUZZ_SECONDS each, from FUZZ_SEED (0 = another each time)
	$(BIN)/python tests/fuzz/run.py all $(FUZZ) & readers=$$!; \
	  $(BIN)/python csrc/fuzz/run.py $(FUZZ); core=$$?; wait $$readers && exit $$core

fuzz-coverage: $(STAMP)/dev-tools  ## the lines of csrc/xproj that the fuzzers' inputs reach
	$(BIN)/python csrc/fuzz/run.py --coverage

wheel-test: $(STAMP)/dev-tools  ## build a wheel, install it into an empty environment, run the CLI from elsewhere
	bench/wheel_test.sh $(BIN)/python

bench: $(STAMP)/bench-tools  ## every speed figure of the core, as in docs/benchmarks/speed.md
	$(BIN)/python bench/run.py

bench-models: $(STAMP)/bench-tools  ## speed of translator, tagger and aligner against their peers (an hour)
	$(BIN)/python bench/models/run.py

table: $(STAMP)/test-tools  ## the table of docs/benchmarks/accuracy.md
	$(BIN)/python bench/accuracy.py

labels-table: $(STAMP)/test-tools  ## the table of docs/benchmarks/labels.md: labels without gold, against their targets (half an hour)
	$(BIN)/python bench/labels.py

tiny-models: $(STAMP)/test-tools  ## train and export the toy models of the tutorials into models/
	$(BIN)/python tests/make_tiny_models.py models

docs: $(STAMP)/docs-tools  ## build the site in out/site; a broken link stops it
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

clean:  ## remove everything that can be made again
	rm -rf $(VENV) .venv-peers build dist out models .pytest_cache .mypy_cache .ruff_cache .hypothesis fuzz-failures
