# Two commands do everything: `make demo` and `make test`. Both set up .venv first.

PY := .venv/bin/python

.PHONY: setup demo test coverage wheel release docs lint lock oldest bench clean

setup:
	@bash scripts/setup.sh

demo: setup
	@bash scripts/demo.sh

test:
	@bash scripts/setup.sh --with-tests
	$(PY) -m pytest tests/core --without-qt -p no:pytest-qt -n 2 --dist loadfile
	QT_QPA_PLATFORM=offscreen $(PY) -m pytest tests/gui -n 2 --dist loadfile

# the engine's tests with coverage; fails below the floor in pyproject.toml
coverage:
	@bash scripts/setup.sh --with-tests
	$(PY) -m pytest tests/core --without-qt -p no:pytest-qt -n 2 --dist loadfile --cov --cov-report=term

wheel:
	@bash scripts/setup.sh --with-tests
	@bash scripts/check_wheel.sh

# checks, tests the wheel, tags; nothing is uploaded. PREPARE=1 writes the version into the files first
release:
	@bash scripts/setup.sh --with-tests
	$(PY) scripts/release.py "$(VERSION)" $(if $(PREPARE),--prepare)

# the site, into build/site: strictly, so that a link that leads nowhere stops it
docs: setup
	@bash scripts/docs.sh

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
	rm -rf .venv .venv-docs build out
