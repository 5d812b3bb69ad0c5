# smedx: `make` lists what can be done. The work is in scripts/.
PORT ?= 8080
DATA ?= ./data

# Package httpapi registers some 250 operations with a generic function that is long when inlined: without -l it takes twice as long to compile.
GO_BUILD_FLAGS = -trimpath -buildvcs=false -gcflags=smedx/internal/httpapi=-l

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run build test check gen fmt clean web-deps

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

run: build ## build and start with demo data (PORT=8080 DATA=./data)
	bin/smedx serve --demo --data $(DATA) --addr 127.0.0.1:$(PORT)

# Go decides by itself what has changed, so this is always asked.
build: web/dist/index.html ## build bin/smedx, with the pages in it
	go build -tags ui -ldflags='-s -w' -o bin/smedx ./cmd/smedx

# The linters and tests take the build's flags, so that each finds in the cache what another has compiled.
build check gen run test: export GOFLAGS = $(GO_BUILD_FLAGS)
build check gen run test: export CGO_ENABLED = 0
test: ## every check and test, on both engines and in the browser (installs what is missing)
	@scripts/deps
	@scripts/with-postgres go run ./scripts/testrun test

check: ## the fast loop: formatting, linters, unit tests on SQLite
	@go run ./scripts/testrun check

gen: ## write the API contract from the Go types, and the pages' types from the contract
	go run ./cmd/smedx openapi > api/openapi.yaml.new
	mv api/openapi.yaml.new api/openapi.yaml
	$(MAKE) web-deps

fmt: web/node_modules/.package-lock.json ## format Go and the pages
	scripts/gofmt -w
	cd web && npm run -s format

clean: ## remove what was built and downloaded here; keeps data/
	rm -rf bin .cache web/dist web/node_modules web/src/api/schema.d.ts test/e2e/shots

# What the pages need before they can be checked or built.
web-deps: web/src/api/schema.d.ts

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web/src/api/schema.d.ts: api/openapi.yaml web/node_modules/.package-lock.json
	cd web && npm run -s gen
	@touch $@

# Generated declaration files are written by the build itself, so they are no reason to build again.
WEB_SOURCES = $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f ! -name '*.d.ts' ! -name '*.go' -print)

web/dist/index.html: $(WEB_SOURCES) web/src/api/schema.d.ts
	cd web && node_modules/.bin/vite build --logLevel warn
	@touch $@
