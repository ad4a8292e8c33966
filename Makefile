# Two commands do everything: `make demo` and `make test`. Both set up .venv first.

PY := .venv/bin/python
# of the tests: one for each of two cores (a third made them no faster)
WORKERS ?= 2
# what is imported is compiled once, also where the environment asks for no byte code: without it each
# process of the tests compiles pandas, SciPy and TensorFlow anew, 15 s
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test coverage wheel bundle release docs tutorials screenshots lint lock oldest bench clean

setup:
	@bash scripts/setup.sh

demo: setup
	@bash scripts/demo.sh

test:
	@bash scripts/setup.sh --with-tests
	$(PY) -m pytest tests/core --without-qt -p no:pytest-qt -n $(WORKERS) --dist loadfile
	QT_QPA_PLATFORM=offscreen $(PY) -m pytest tests/gui -n $(WORKERS) --dist loadfile

# the engine's tests with coverage; fails below the floor in pyproject.toml
coverage:
	@bash scripts/setup.sh --with-tests
	$(PY) -m pytest tests/core --without-qt -p no:pytest-qt -n $(WORKERS) --dist loadfile --cov --cov-report=term

wheel:
	@bash scripts/setup.sh --with-tests
	@bash scripts/check_wheel.sh

# the application with its own Python, one folder and one archive in build/bundle, tried under Xvfb
bundle: setup
	@bash scripts/bundle.sh

# checks, tests the wheel and the bundle, tags; nothing is uploaded. PREPARE=1 writes the version into the files first
release:
	@bash scripts/setup.sh --with-tests
	$(PY) scripts/release.py "$(VERSION)" $(if $(PREPARE),--prepare)

# the site, into build/site: strictly, so that a link that leads nowhere stops it
docs: setup
	@bash scripts/docs.sh

# the notebooks of docs/tutorials, run from nothing; NAME=toy: that one alone
tutorials: setup
	@bash scripts/docs.sh --tutorials $(NAME)

# pictures of today's window, for README and the site
screenshots: setup
	$(PY) scripts/screenshots.py

lint:
	@bash scripts/setup.sh --with-tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

lock: setup
	@bash scripts/lock.sh

oldest: setup
	@bash scripts/lock.sh --oldest

bench: setup
	@for name in $$($(PY) -m benchmarks --list); do $(PY) -m benchmarks $$name --json - || exit 1; done

clean:
	rm -rf .venv .venv-docs .venv-bundle build out
