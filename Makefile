# The commands of the project. `make` alone lists them.

# Outside the clone, so that clones and worktrees share the heavy dependencies and nothing scans gigabytes of objects.
CARGO_TARGET_DIR ?= $(HOME)/.cache/strata/target
export CARGO_TARGET_DIR

# Every cargo command of `make test` takes these and no others: another choice would build the engine again.
WORKSPACE = --workspace --features cluster --locked

.DEFAULT_GOAL := help
.PHONY: help demo test install fmt clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## build, segment the CDNOW customers in examples/cdnow and write a report
	@sh scripts/setup.sh build
	cargo build --profile demo --package strata --locked
	$(CARGO_TARGET_DIR)/demo/strata run -C examples/cdnow
	$(CARGO_TARGET_DIR)/demo/strata report -C examples/cdnow

test: ## all checks: format, tidy, lints, tests, documentation
	@sh scripts/setup.sh test
	cargo fmt --all --check
	cargo xtask tidy
	cargo clippy $(WORKSPACE) --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc $(WORKSPACE) --no-deps --document-private-items
	@if cargo nextest --version >/dev/null 2>&1; then \
		set -x; cargo nextest run $(WORKSPACE) --profile ci; \
	else \
		set -x; cargo test $(WORKSPACE) --tests --no-fail-fast; \
	fi
	@if grep -rqE '^ *//[/!] *```' --include='*.rs' */src; then \
		set -x; cargo test $(WORKSPACE) --doc; \
	fi

install: ## build the full release and install `strata` (20 minutes and more on 2 cores)
	@sh scripts/setup.sh build
	@echo 'The release build optimises across crates: expect 20 minutes and more on 2 cores.'
	cargo install --path strata --locked

fmt: ## format the code and rewrite what is generated
	cargo fmt --all
	cargo xtask generate

clean: ## remove everything that was built
	cargo clean
