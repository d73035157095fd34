# make run    すべてを用意して 127.0.0.1:$(PORT) で起動する（PORT の既定は 8000）
# make test   すべてのテスト
# make check  書式・lint・型・層の約束・大きさの限度
# make bench  計測（表と bench.json）
# make docs   プログラムの登録簿から docs/reference のページを作り直す
# make pictures 文書の絵を撮り直す（Chromium が要る）
# make assets 画面の CSS を組み直す（Node.js が要る）
# make spark  ログ調査の Spark を足す（Java 17 以降が要る。およそ 500 MB）
#
# 要るもの: Python 3.11–3.13 と make。ほかはここで用意する。

.DEFAULT_GOAL := help
.PHONY: help run test check bench docs pictures assets spark
SHELL := /bin/sh
# Many commands are started by the tests and by a drill: none of them should compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

UV_VERSION := 0.13.9
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
  command -v $$p >/dev/null 2>&1 && \
  $$p -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && \
  { echo $$p; break; }; done)
TOOL := build/uv-$(UV_VERSION)
# Only the lock file decides what uv installs and from where: no index set on this machine takes part in that. uv
# itself is fetched once by pip, in this version, from wherever this machine's pip is set to look.
CLEAN := env -u UV_INDEX -u UV_INDEX_URL -u UV_DEFAULT_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS -u UV_NO_INDEX
SYNC := $(CLEAN) UV_PROJECT_ENVIRONMENT=.venv $(TOOL)/bin/uv sync --frozen --quiet --no-python-downloads --python "$(PYTHON)"
BIN := .venv/bin
# Spark is large: without the development set it is there where somebody asked for it once.
EXTRAS = $(if $(wildcard build/with-spark),--extra spark)
DEBIAN_15 := /usr/lib/postgresql/15/bin
# The tests that know --server.
WALL_TESTS := tests/barrier tests/proof/test_twin.py
# A process for each core, whole files each: every process has a server and a home of its own. The long files of the
# proof come in the middle of the order, so that no process ends long after the others.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --durations=30 --durations-min=5

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed -n '1,10p'

run: build/synced
	@$(BIN)/takuso demo --keep && exec $(BIN)/takuso serve

test: build/synced-dev
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)
	@if [ -x $(DEBIAN_15)/initdb ]; then \
	  echo "$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(WALL_TESTS) --server debian15"; \
	  $(BIN)/python -m pytest $(SIDE_BY_SIDE) $(WALL_TESTS) --server debian15; \
	elif [ -n "$$CI" ]; then \
	  echo "PostgreSQL 15 がありません（$(DEBIAN_15)）。対処: apt-get install postgresql-15" >&2; exit 1; \
	else \
	  echo "PostgreSQL 15 がないため、2 つ目のサーバーでのテストは行いません（$(DEBIAN_15)）。"; \
	fi

check: build/synced-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/mypy tools
	$(BIN)/lint-imports
	$(BIN)/python tools/sizes.py
	$(BIN)/python tools/hosts.py

bench: build/synced-dev
	$(BIN)/python -m tests.bench

docs: build/synced-dev
	$(BIN)/python -m tools.pages

pictures: build/synced-dev
	$(BIN)/python -m tools.pictures

assets:
	@command -v npm >/dev/null || { echo "Node.js（npm）がありません。対処: Node.js 20 以降を入れてください。" >&2; exit 1; }
	cd assets && npm ci --no-audit --no-fund && npm run build

spark: build/synced
	@mkdir -p build && touch build/with-spark
	@if [ ! -e build/synced-dev ]; then $(SYNC) --no-dev --extra spark; fi
	@command -v java >/dev/null || echo "Java がありません。対処: Java 17 以降を入れる（Debian: apt-get install default-jre-headless）。"

$(TOOL)/bin/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 から 3.13 が見つかりません。対処: 入れてから、もう一度実行してください。" >&2; exit 1; }
	@mkdir -p build
	@$(PYTHON) -m venv $(TOOL) || { rm -rf $(TOOL); \
	  echo "仮想環境を作れません。対処: Debian・Ubuntu では apt-get install python3-venv" >&2; exit 1; }
	@$(TOOL)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

build/synced: uv.lock pyproject.toml | $(TOOL)/bin/uv
	@if [ ! -e build/synced-dev ]; then $(SYNC) --no-dev $(EXTRAS); else $(SYNC); fi
	@touch $@

build/synced-dev: uv.lock pyproject.toml | $(TOOL)/bin/uv
	@$(SYNC)
	@touch $@ build/synced
