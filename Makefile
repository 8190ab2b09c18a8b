# Every command of the project. A fresh machine needs make and Python 3.11 to 3.14.
#
#   make run       the portal with demonstration data on http://localhost:8000 (PORT= changes it)
#   make check     what CI runs: lint, then every test
#   make test      every test (ARGS= goes to pytest)
#   make lint      style, imports, templates, migrations, settings, catalogues
#   make fmt       format what lint would complain of
#   make messages  take new strings into the catalogues
#   make baseline  the migrations anew from the models, one for each app (until 1.0)
#   make lock      compile requirements/ from pyproject.toml
#   make samples   render docs/samples/ anew
#   make deep      the long tests (axe six times a page); make chaos: failures
#   make bench     how fast timelines and documents are made, and pages answer meanwhile (ARGS=--full: more
#                  often, --write: into docs/figures.md)

PORT ?= 8000
export PORT

python := .venv/bin/python
embedded := PORTAL_EMBEDDED=1 $(python) manage.py
production := SITE_URL=https://portal.example.org SECRET_KEY=$$($(python) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	DATABASE_URL=postgres://portal@localhost/portal REDIS_URL=redis://localhost:6379/0
templates := $(shell find templates -name '*.html')
catalogues := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
with_services := scripts/services.py run --

.PHONY: run test check lint fmt messages baseline lock deep chaos bench samples system
.DELETE_ON_ERROR:

# --- The portal ---

run: .venv/.base $(catalogues) var/.static var/.migrated var/.demo
	@exec env $(embedded) portal --tied

# Steps that are done leave a stamp. A database that was taken away takes its stamps along.
$(shell test -f var/portal.sqlite3 || rm -f var/.migrated var/.demo)
$(shell test -x $(python) || rm -f .venv/.base .venv/.dev)

.venv/.base: requirements/base.txt scripts/venv
	@scripts/venv requirements/base.txt
	@touch $@

.venv/.dev: requirements/dev.txt scripts/venv
	@scripts/venv requirements/dev.txt
	@touch $@

# The same with and without gettext, which `make run` does not ask for.
%.mo: %.po | .venv/.base
	@$(python) -m babel.messages.frontend --quiet compile --input-file=$< --output-file=$@

var/.static: $(shell find static -type f) .venv/.base
	@echo "Collecting static files …"
	@$(embedded) collectstatic --no-input --clear --verbosity=0
	@touch $@

var/.migrated: $(wildcard */migrations/*.py) .venv/.base
	@echo "Setting up the database …"
	@$(embedded) migrate --verbosity=0
	@$(embedded) createcachetable
	@touch $@

var/.demo: | var/.migrated
	@echo "Loading demonstration data …"
	@$(embedded) load_demo
	@touch $@

# --- Tests and style ---

check:
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test

test: .venv/.dev system $(catalogues)
	@scripts/test $(ARGS)

system: .venv/.dev
	@$(python) scripts/system_packages.py

# As soon as no errors are left, types are checked before the migrations:
#	PORTAL_EMBEDDED=1 $(python) -m mypy
lint: .venv/.dev system
	$(python) -m ruff check --quiet .
	$(python) -m ruff format --check --quiet .
	.venv/bin/djade --check --target-version 5.2 $(templates)
	@echo "No blocktranslate without trimmed:"; \
		! grep -nE '\{% *blocktrans' $(templates) | grep -v trimmed
	@mkdir -p var
	$(python) -c 'import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())' >var/imports.log || { cat var/imports.log; exit 1; }
	DATABASE_URL=sqlite://:memory: $(embedded) makemigrations --check --dry-run
	$(production) $(python) manage.py check --deploy --fail-level WARNING
	$(python) scripts/catalogues.py check
	@if docker compose version >/dev/null 2>&1; then \
		echo docker compose config; docker compose --env-file .env.example config --quiet; fi

fmt: .venv/.dev
	$(python) -m ruff check --fix --quiet .
	$(python) -m ruff format .
	-.venv/bin/djade --target-version 5.2 $(templates)

messages: .venv/.dev system
	$(python) scripts/catalogues.py update

baseline: .venv/.dev
	PORTAL_EMBEDDED=1 $(python) -m scripts.baseline

deep: .venv/.dev system $(catalogues)
	@$(with_services) $(python) -m pytest -m deep $(ARGS)

chaos: .venv/.dev system $(catalogues) var/.static
	@$(with_services) $(python) bench/chaos.py $(ARGS)

bench: .venv/.dev system $(catalogues) var/.static
	@$(python) bench/timeline.py
	@$(with_services) $(python) bench/documents.py $(ARGS)

samples: .venv/.dev system $(catalogues)
	@$(python) scripts/samples.py

lock: .venv/.dev
	$(call compile,base)
	$(call compile,dev,--extra dev --constraint requirements/base.txt)

compile = $(python) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" $(2) pyproject.toml -o requirements/$(1).txt
