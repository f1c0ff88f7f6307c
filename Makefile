# Everyday commands. `make demo` and `make test` are all that a newcomer needs.
SHELL := /bin/bash
.DEFAULT_GOAL := build
SWIFT_FILES := Package.swift Sources Tests Benchmarks/Sources

# With every build Swift's package manager leaves some empty folders, TemporaryDirectory.*, in the temporary folder. Here
# they come into one of our own, and those of earlier builds go; its name is short, since sockets lie in it, too.
ifeq ($(MAKELEVEL),0)
export TMPDIR := $(or $(TMPDIR),/tmp)/transfergap-$(shell id -u)
$(shell mkdir -p "$(TMPDIR)"; find "$(TMPDIR)" -maxdepth 1 -name 'TemporaryDirectory.*' -empty -mmin +30 -delete)
endif

.PHONY: setup build install uninstall install-check demo demo-study docs-study test test-release simulations kill power-cut same-bits device \
  stress study-parallel processors kernels paper gallery format lint check bench bench-quick bench-gpu cuda-libraries token-ids fuzz \
  sanitize clean help

help:  ## Show the commands.
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 14

setup:  ## Install missing Debian packages.
	@scripts/setup.sh

build: setup  ## Build in release.
	swift build -c release --product report

PREFIX ?= /usr/local

install: build  ## Install the program, completions for bash, zsh and fish, and the manual page to PREFIX (/usr/local).
	scripts/install.sh "$(PREFIX)" "$(DESTDIR)"

uninstall:  ## Remove what `make install` installed.
	scripts/install.sh --uninstall "$(PREFIX)" "$(DESTDIR)"

install-check: build  ## Install into a temporary folder and check that everything is found from there.
	Tests/install.sh

demo: build  ## Train, evaluate and report the built-in example into runs/demo.
	.build/release/report demo

demo-study: build  ## Train the built-in study, eight short runs, and answer its questions.
	.build/release/report study builtin:demo

docs-study: build  ## Train the built-in study again and copy its answer, with small figures, to docs/demo-study.
	rm -rf .build/docs-study
	XDG_CACHE_HOME=$(CURDIR)/.build/docs-study/cache .build/release/report study builtin:demo --dpi 90 --output .build/docs-study/study
	scripts/copy_study.sh .build/docs-study/study docs/demo-study
	rm -rf .build/docs-study

test: setup  ## Run all tests.
	swift test

test-release: setup  ## Run all tests on a release build, which takes long to compile; `make check` leaves it out.
	swift test -c release -Xswiftc -enable-testing --scratch-path .build/test-release

simulations: setup  ## Check by simulation that intervals cover and verdicts are rarely wrong; takes minutes.
	SIMULATIONS=1 swift test --filter Simulation

processors: build  ## Train briefly on emulated processors; check which kernels OpenBLAS uses.
	@scripts/setup.sh qemu-user
	Tests/other-processors.sh

kernels:  ## Compile the kernels of graphics processors with NVRTC, which PyPI has; no GPU is needed.
	@scripts/setup.sh python3 python3-venv
	scripts/compile_kernels.py

KILLS ?= 10
kill: build  ## Kill trainings at KILLS random moments, resume them, compare the bits.
	Tests/kill-and-resume.sh $(KILLS)

CUTS ?= 20
power-cut: build  ## Cut the power of a training at CUTS moments, on a model of a disk.
	@scripts/setup.sh python3 strace
	Tests/power_cut.py --cuts $(CUTS)

same-bits: build  ## Train in debug and release, on 1, 2 and 4 threads, with and without the cache; compare the bits.
	swift build --product report
	Tests/same-bits.sh

DEVICE ?= opencl:cpu
device: build  ## Train on DEVICE (opencl:cpu) as on the processor; compare the logs.
	@scripts/setup.sh python3 ocl-icd-libopencl1 libclblast1 pocl-opencl-icd
	Tests/on_device.py .build/release/report $(DEVICE)

stress: build  ## 10,000 epochs, a million rows, a text of 10 MB.
	Tests/stress.sh

study-parallel: build  ## Train a small study with GNU parallel; compare the answers.
	@scripts/setup.sh parallel
	Tests/study-with-parallel.sh

PAPER_RUN ?= runs/demo
PAPER_OUTPUT ?= /tmp/transfergap-paper
paper: build  ## Export PAPER_RUN (runs/demo), compile its paper.tex with pdfLaTeX, and fail on any visible fault.
	@scripts/setup.sh texlive-latex-base texlive-latex-extra texlive-science lmodern poppler-utils
	scripts/paper.sh .build/release/report "$(PAPER_RUN)" "$(PAPER_OUTPUT)"

gallery: setup  ## Redraw every figure and unusual case for docs/figures.md.
	rm -rf docs/images/gallery
	FIGURE_GALLERY=$(CURDIR)/docs swift test --filter GalleryTests

format:  ## Format all Swift files in place.
	swift format --in-place --recursive $(SWIFT_FILES)

lint:  ## Check the format, the rules of .swift-format, that nothing traps instead of throwing, docs/reliability.md, and words.
	swift format lint --strict --recursive $(SWIFT_FILES)
	scripts/lint_traps.sh --self-test
	scripts/lint_traps.sh
	scripts/lint_promises.sh
	scripts/lint_words.sh --self-test
	scripts/lint_words.sh

check: setup  ## All that CI runs: tests, lint, fuzzing, simulations, kills, power cuts, bits.
	scripts/check.sh

# BENCH_ARGUMENTS such as --texts FILE --vocab FILE; BENCH_PYTHON names a Python that has PyTorch.
bench: setup  ## Measure against PyTorch, a quarter of an hour; writes Benchmarks/results.
	Benchmarks/run.py $(BENCH_ARGUMENTS)

bench-quick: setup  ## The same in two minutes, one repetition of each.
	Benchmarks/run.py --quick $(BENCH_ARGUMENTS)

# GPU_ARGUMENTS such as --device opencl:0 --torch-device cuda:0 --precision fp32.
bench-gpu: setup  ## Measure against PyTorch on an NVIDIA GPU, fp32 and tf32; writes Benchmarks/results/gpu.md.
	Benchmarks/gpu.py $(GPU_ARGUMENTS)

cuda-libraries:  ## Check the declarations of NVIDIA's functions and compile the kernels, with NVIDIA's packages (1.6 GB); no GPU.
	Tests/CUDALibraries/check.sh $(CUDA_FOLDERS)

# MODEL is a directory with a tokenizer, TEXTS are files with one text per line; PYTHON has transformers (see the script).
PYTHON ?= python3
token-ids: build  ## Compare token ids with transformers on TEXTS and 100,000 generated strings: MODEL=DIRECTORY.
	$(PYTHON) scripts/compare_tokenizer.py $(MODEL) .build/release/report --generated 31000 -- $(TEXTS)
	$(PYTHON) scripts/compare_tokenizer.py $(MODEL) .build/release/report --generated 31000 --tokenizer tokenizer_json -- $(TEXTS)

# FUZZ_ARGUMENTS such as --seconds 600 --target template --seed 1.
fuzz: setup  ## Feed every reader inputs generated by libFuzzer, two minutes in all.
	scripts/fuzz.sh $(FUZZ_ARGUMENTS)

sanitize: setup  ## Run the tests under the Address and Thread Sanitizer, the C kernels under UBSan.
	scripts/sanitize.sh

clean:  ## Remove everything that was built.
	rm -rf .build
