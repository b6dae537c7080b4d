# The commands of the project. `make` alone lists them.

# Outside the clone, so that clones and worktrees share the heavy dependencies and nothing scans gigabytes of objects.
CARGO_TARGET_DIR ?= $(HOME)/.cache/strata/target
export CARGO_TARGET_DIR

# Every cargo command of `make test` takes these and no others: another choice would build the engine again.
WORKSPACE = --workspace --features cluster,embeddings --locked

.DEFAULT_GOAL := help
.PHONY: help demo cdnow picture test bench install fmt clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

# Enough customers for every class, few enough for a program that is built to be built quickly.
DEMO_CUSTOMERS ?= 500
STRATA = $(CARGO_TARGET_DIR)/demo/strata

demo: ## build, write a demo shop with dirty exports into demo/, segment its customers and write a report
	@sh scripts/setup.sh build
	cargo build --profile demo --package strata --locked
	$(STRATA) demo --customers $(DEMO_CUSTOMERS) demo
	$(STRATA) init --force demo/exports demo/shop
	$(STRATA) run -C demo/shop
	$(STRATA) report -C demo/shop

cdnow: ## the same with the CDNOW customers in examples/cdnow
	@sh scripts/setup.sh build
	cargo build --profile demo --package strata --locked
	$(STRATA) run -C examples/cdnow
	$(STRATA) report -C examples/cdnow

picture: ## draw docs/report.png, the picture of the report in the README (needs chromium)
	@sh scripts/setup.sh picture
	cargo build --profile demo --package strata --locked
	sh scripts/picture.sh $(STRATA) $(CARGO_TARGET_DIR)/picture

test: ## all checks: format, tidy, lints, documentation, tests in Rust and Python
	@sh scripts/setup.sh test
	cargo fmt --all --check
	cargo xtask tidy
	cargo clippy $(WORKSPACE) --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc $(WORKSPACE) --no-deps --document-private-items
	cargo build $(WORKSPACE) --lib --bins --tests
	@if cargo nextest --version >/dev/null 2>&1; then \
		set -x; cargo nextest run $(WORKSPACE) --profile ci; \
	else \
		set -x; cargo test $(WORKSPACE) --tests --no-fail-fast; \
	fi
	@if grep -rqE '^ *//[/!] *```' --include='*.rs' */src; then \
		set -x; cargo test $(WORKSPACE) --doc; \
	fi
	sh scripts/python-tests.sh $(CARGO_TARGET_DIR)

BENCH = $(HOME)/.cache/strata/bench

bench: ## time RFM of 10 million orders, and 30 traits of 20 million events, beside other engines (builds the full release first)
	@sh scripts/setup.sh build
	python3 -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet duckdb numpy pandas polars pyarrow
	$(BENCH)/bin/python benches/rfm.py $(BENCH)/orders.parquet --generate 10000000
	$(BENCH)/bin/python benches/audience.py $(BENCH)/events.parquet --generate 20000000

install: ## build the full release and install `strata` (20 minutes and more on 2 cores)
	@sh scripts/setup.sh build
	@echo 'The release build optimises across crates: expect 20 minutes and more on 2 cores.'
	cargo install --path strata --locked

fmt: ## format the code and rewrite what is generated
	cargo fmt --all
	cargo xtask generate

clean: ## remove everything that was built
	cargo clean
