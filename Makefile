# Every command of the project. A fresh machine needs make and Python 3.11 to 3.14.
#
#   make run       the portal with demonstration data on http://localhost:8000 (PORT= changes it,
#                  DEMO=0 starts empty)
#   make check     what CI runs: lint, then every test
#   make test      every test (ARGS= goes to pytest)
#   make lint      style, imports, templates, types, migrations, settings, catalogues
#   make size      lines of code by subject; lint fails above scripts/ceilings.toml (ARGS=--lower: lower them)
#   make fmt       format what lint would complain of
#   make messages  take new strings into the catalogues
#   make kept-database  a database of this release, which later versions have to bring up to date
#   make settings  docs/operations/settings.md anew from the code and .env.example
#   make release   checks, image, licences, bill of materials, notes, checksums, into release/
#   make lock      compile requirements/ from pyproject.toml
#   make samples   render docs/samples/ anew (FOLDER=…: into that folder)
#   make deep      the long tests in parts that it names (PART="axe leaks": those; PART=calendar: on other
#                  days); make chaos: failures
#   make words     what every role reads, in three languages, before and after a change
#                  (ARGS="write FOLDER", ARGS="compare BEFORE AFTER")
#   make journeys  play the journeys of docs/journeys.md and write it anew
#   make bench     how fast timelines and documents are made, and pages answer meanwhile (ARGS=--full: more
#                  often, --write: into docs/figures.md); make bench-pages: pages beside a bare page;
#                  make bench-search: the search on 500 projects; make bench-finding: how well it finds;
#                  make bench-workers: documents a minute over one, two and three workers
#                  (BENCH_DOCUMENTS=60: sooner)

PORT ?= 8000
export PORT

python := .venv/bin/python
embedded := PORTAL_EMBEDDED=1 $(python) manage.py
random := $$($(python) -c 'import secrets; print(secrets.token_urlsafe(50))')
production := SITE_URL=https://portal.example.org SECRET_KEY=$(random) ACCESS_LOG_KEY=$(random) \
	DATABASE_URL=postgres://portal@localhost/portal REDIS_URL=redis://localhost:6379/0
templates := $(shell find templates -name '*.html')
catalogues := .catalogues
with_services := scripts/services.py run --

.PHONY: run test check lint types style style-and-embedded size fmt messages kept-database settings release
.PHONY: lock deep journeys chaos bench bench-pages bench-search bench-finding bench-workers samples words system
.PHONY: .venv/.dev .catalogues var/.static

# --- The portal ---

run:
	@python=$$(scripts/python) && exec "$$python" -m scripts.run

# The steps below compare contents by themselves, and are quick where nothing changed: make would
# compare times, which say nothing where files came from an archive.
.venv/.dev:
	@python=$$(scripts/python) && "$$python" -m scripts.venv dev

.catalogues: .venv/.dev
	@$(python) scripts/catalogues.py compile

var/.static: .venv/.dev
	@$(embedded) update --static

# --- Tests and style ---

# The types take longer than the style, on one core: the first tests use the other one meanwhile.
check: .venv/.dev system $(catalogues)
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target types style-and-embedded
	@scripts/test postgresql

style-and-embedded: style
	@scripts/test sqlite
	@scripts/test settings

test: .venv/.dev system $(catalogues)
	@scripts/test sqlite $(ARGS); sqlite=$$?; scripts/test postgresql $(ARGS) && exit $$sqlite

system: .venv/.dev
	@$(python) -m scripts.machine

lint: .venv/.dev system
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target types style

types:
	PORTAL_EMBEDDED=1 $(python) -m mypy

style:
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
	$(python) -m scripts.size --check
	@if docker compose version >/dev/null 2>&1; then \
		echo docker compose config; docker compose --env-file .env.example config --quiet; fi

size: .venv/.dev
	@$(python) -m scripts.size $(ARGS)

fmt: .venv/.dev
	$(python) -m ruff check --fix --quiet .
	$(python) -m ruff format .
	-.venv/bin/djade --target-version 5.2 $(templates)

messages: .venv/.dev system
	$(python) scripts/catalogues.py update

kept-database: .venv/.dev system
	@$(with_services) $(python) -m scripts.kept_databases

settings: .venv/.dev
	@$(python) -m scripts.settings_table

release: .venv/.dev system $(catalogues)
	@$(python) -m scripts.release $(ARGS)

deep: .venv/.dev system $(catalogues)
	@$(python) -m scripts.deep $(PART)

journeys: .venv/.dev system $(catalogues)
	@$(with_services) $(python) -m pytest -q -m "deep(part='journeys')" --write-journeys tests/browser/test_journeys.py

chaos: .venv/.dev system $(catalogues) var/.static
	@$(with_services) $(python) bench/chaos.py $(ARGS)

bench: .venv/.dev system $(catalogues) var/.static
	@$(python) bench/timeline.py
	@$(with_services) $(python) bench/documents.py $(ARGS)

bench-pages: .venv/.dev system $(catalogues) var/.static
	@$(with_services) $(python) bench/answers.py --large --crowd $(ARGS)

bench-finding: .venv/.dev system $(catalogues)
	@$(with_services) $(python) bench/finding.py $(ARGS)

bench-search: .venv/.dev system $(catalogues) var/.static
	@$(with_services) $(python) bench/searching.py $(ARGS)

bench-workers: .venv/.dev system $(catalogues) var/.static
	@$(with_services) $(python) bench/documents.py throughput $(ARGS)

samples: .venv/.dev system $(catalogues)
	@$(python) scripts/samples.py $(FOLDER)

words: .venv/.dev system $(catalogues)
	@$(python) scripts/words.py $(ARGS)

lock: .venv/.dev
	$(call compile,base)
	$(call compile,dev,--extra dev --constraint requirements/base.txt)

compile = $(python) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" $(2) pyproject.toml -o requirements/$(1).txt
