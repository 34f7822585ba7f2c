# SPDX-License-Identifier: GPL-3.0-or-later
# The few commands a user needs; the build itself is meson.build.
BUILD = build
PREFIX = /usr/local
FUZZ_SECONDS = 600
STASIS = $(BUILD)/src/cli/stasis

all: build

help:
	@echo 'make            build into $(BUILD)/'
	@echo 'make demo       run the main job on the liver that Debian ships; report in $(BUILD)/demo/'
	@echo 'make test       every test; the last line counts them'
	@echo 'make bench      the benchmark table, and $(BUILD)/bench.json'
	@echo 'make validate   recompute docs/validation.md, and $(BUILD)/validation.json'
	@echo 'make convergence  recompute docs/convergence.md and the figure of sizes: minutes'
	@echo 'make fuzz       every fuzz target for FUZZ_SECONDS=$(FUZZ_SECONDS)'
	@echo 'make install    PREFIX=$(PREFIX): program, library, headers, man pages, completion'
	@echo 'make format     clang-format over the sources'
	@echo 'make clean      remove $(BUILD)/'

packages:
	@tools/packages.sh build

test-packages:
	@tools/packages.sh test

# ninja sets up meson again by itself when a meson.build changes.
build: packages
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) >/dev/null
	@ninja -C $(BUILD) --quiet

demo: build
	@tools/debian-liver.sh $(STASIS) $(BUILD)/demo
	@$(STASIS) run examples/debian-liver/case.json -o $(BUILD)/demo
	@echo 'The report is $(CURDIR)/$(BUILD)/demo/report.html'

test: test-packages
	@/usr/bin/python3 tools/test.py

bench: build
	@$(BUILD)/bench/bench $(BUILD)/bench.json

validate: build
	@$(BUILD)/validate/validate docs/validation.md $(BUILD)/validation.json

convergence: build
	@$(BUILD)/validate/convergence docs/convergence.md
	@$(BUILD)/validate/sizes docs/sizes.csv docs/img/sizes.svg

fuzz: test-packages
	@/usr/bin/python3 tools/test.py --fuzz $(FUZZ_SECONDS)

install: build
	@meson configure $(BUILD) -Dprefix=$(abspath $(PREFIX)) -Dlibdir=lib
	@meson install -C $(BUILD) --quiet

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	@rm -rf $(BUILD)

.PHONY: all help packages test-packages build demo test bench validate convergence fuzz install format clean
