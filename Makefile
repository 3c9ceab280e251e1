# The commands of this project. Each one installs what it needs first.
# What stands in capitals may be given: make test PYTEST_ARGS="tests/areas -x"
.DEFAULT_GOAL := help
.PHONY: help run test test-rules check format bench lock

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name what; do \
	  printf 'make %-12s %s\n' "$$name" "$$what"; done

run: ## Try the portal on this machine, with made-up areas (PORT=8000, DATABASE_URL=...)
	@.ci/setup run
	@DEBUG=$${DEBUG:-1} exec .venv/bin/python manage.py start

test: ## Run all tests: on PostgreSQL with a browser, then on SQLite (PYTEST_ARGS=...)
	@.ci/test

test-rules: ## Run the worked cases of the readiness rules (CASES=file.json)
	@.ci/setup dev
	@.venv/bin/python -m pytest tests/assessments/test_readiness_cases.py $(PYTEST_ARGS)

check: ## Check style, types, imports, migrations and settings
	@.ci/check

format: ## Bring code and templates into their one form
	@.ci/format

bench: ## Measure speed and cost (BENCH_ARGS=...)
	@.ci/bench

lock: ## Renew the pinned versions in requirements*.txt
	@.ci/lock
