# A developer's way in. Everything here can also be had from cmake --preset and scripts/.
#
#   make test               what ./test does
#   make dev FILTER=Heap*   unit tests under sanitizers, some of them
#   make bench BENCH=sort   all benchmarks, of bench/programs/ those with such names or groups
#   JOBS=2                  how many compilers at once

FILTER ?= *
BENCH ?=
JOBS ?= $(shell getconf _NPROCESSORS_ONLN)
export MOONLET_JOBS := $(JOBS)

.DEFAULT_GOAL := help
.PHONY: help bootstrap build test demo dev stress tsan gcc aarch64 bench unprofiled uncharged profile fuzz format check clean

help:  ## Show this
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

bootstrap:  ## Install what all presets need
	scripts/bootstrap.sh --dev

build:  ## Build the release preset
	scripts/build.sh release

test:  ## Run every test
	./test

demo:  ## Run the order example
	./demo

dev:  ## Unit tests with assertions, ASan and UBSan
	scripts/build.sh dev
	GTEST_FILTER='$(FILTER)' ctest --preset dev

stress:  ## Unit tests with the stress modes compiled in
	scripts/build.sh stress
	GTEST_FILTER='$(FILTER)' ctest --preset stress

tsan:  ## Unit tests under the thread sanitizer
	scripts/build.sh tsan
	GTEST_FILTER='$(FILTER)' ctest --preset tsan

gcc:  ## Unit tests of a g++ build
	scripts/build.sh gcc
	GTEST_FILTER='$(FILTER)' ctest --preset gcc

aarch64:  ## Cross-compile for 64-bit ARM, run the unit tests under qemu
	scripts/build.sh aarch64
	GTEST_FILTER='$(FILTER)' ctest --preset aarch64

bench:  ## Build and run the benchmarks (a quarter of an hour; bench/README.md)
	scripts/build.sh bench
	bench/compare --moonlet build/bench/moonlet $(BENCH)
	bench/count --moonlet build/bench/moonlet $(BENCH)
	bench/kernels --moonlet build/bench/moonlet
	bench/start --moonlet build/bench/moonlet
	bench/compile --moonlet build/bench/moonlet
	bench/gaps --moonlet build/bench/moonlet
	bench/safepoints --moonlet build/bench/moonlet --gaps 2000 --seconds 20
	build/bench/moonlet_figures

unprofiled:  ## Release without cmake/moonlet.profdata
	scripts/build.sh unprofiled moonlet

profile:  ## Write cmake/moonlet.profdata and cmake/function_order.txt anew
	scripts/build.sh profile moonlet moonlet_figures
	scripts/write_profile.sh

uncharged: unprofiled  ## What fuel costs: instructions of bench/programs against a build without it
	scripts/build.sh uncharged moonlet
	bench/count --moonlet build/unprofiled/moonlet \
	  --interpreters uncharged=build/uncharged/moonlet,moonlet $(BENCH)

fuzz:  ## Build the fuzz targets
	scripts/build.sh fuzz

format:  ## Let clang-format rewrite the sources
	scripts/check_format.sh --fix

check:  ## Layers and layout only
	scripts/check_layers.py
	scripts/check_format.sh

clean:  ## Remove the build folder
	rm -rf build
