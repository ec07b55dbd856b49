# One way in: everything here calls cargo xtask or the program itself.
# Build caches live outside the checkout, so that clones share them.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/guildhall/target

PROGRAM = $(CARGO_TARGET_DIR)/release/guildhall

.PHONY: run build test check bench codegen help

help:
	@echo "make run      build and open the demo town at http://127.0.0.1:8080"
	@echo "make build    build the program with its console"
	@echo "make test     everything CI runs"
	@echo "make check    formatting, lints, types and boundaries"
	@echo "make codegen  write generated files again"
	@echo "make bench    run the benchmarks"

run: build
	$(PROGRAM) up --demo $(if $(wildcard contracts/node_modules/solc),--solc contracts/script/solc) $(ARGS)

build: tools
	cargo xtask console
	cargo build --release --package guildhall

test: tools
	cargo xtask test

check: tools
	cargo xtask check

codegen: tools
	cargo xtask codegen

bench: tools
	cargo xtask bench $(ARGS)

.PHONY: tools
tools:
	@command -v cargo >/dev/null || { echo "Rust is missing: install it from https://rustup.rs"; exit 1; }
	@command -v npm >/dev/null || { echo "Node.js 20 with npm is missing: install it (Debian: apt install nodejs npm)"; exit 1; }
	@command -v cc >/dev/null || { echo "A C compiler is missing: install one (Debian: apt install build-essential)"; exit 1; }
