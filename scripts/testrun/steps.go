package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A step is one shell command run at the root of the repository. It counts as
// one check, passed when the command succeeds, unless count reads the single
// tests from its standard output.
type step struct {
	name    string
	command string
	count   func(stdout []byte) tally
}

// A phase is a number of lanes that run beside each other.
type phase [][]step

// unwatched leaves the C of SQLite, translated to Go, to run without the race
// detector: it works on memory of its own that the detector knows nothing of,
// yet takes most of the time when each access is asked about. What calls it,
// its driver too, is watched.
const unwatched = `-gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false -gcflags=modernc.org/memory=-race=false`

var (
	gofmt = step{name: "gofmt", command: `scripts/gofmt`}
	vet   = step{name: "go vet", command: `go vet ./...`}
	lint  = step{name: "go lint", command: `(cd tools && go build -o ../.cache/lint ./lint) && go vet -vettool="$PWD/.cache/lint" ./...`}
	// The linters' versions are pinned in tools/go.mod.
	staticcheck = step{name: "staticcheck", command: `go tool -modfile=tools/go.mod staticcheck ./...`}

	webDeps  = step{name: "npm packages and types", command: `make -s web-deps`}
	eslint   = step{name: "eslint", command: `cd web && npm run -s lint`}
	prettier = step{name: "prettier", command: `cd web && npm run -s format:check`}
	vueTsc   = step{name: "vue-tsc", command: `cd web && npm run -s typecheck`}
	vitest   = step{name: "vitest", command: `cd web && node_modules/.bin/vitest run --reporter=json`, count: vitestTests}

	build = step{name: "build", command: `make -s build`}
	// The contract is generated from the Go types and committed: a change of one without the other shows here.
	contract = step{name: "contract up to date", command: `bin/smedx openapi | diff -u api/openapi.yaml - || { echo 'run make gen and commit the result'; exit 1; }`}

	goTests = step{
		name:    "go tests, SQLite",
		command: `go test -json -vet=off ./...`,
		count:   goTestEvents,
	}
	goTestsRace = step{
		name: "go tests, race, two engines",
		// The longest first, so that at the end no core waits for one of them.
		command: `SMEDX_TEST_REQUIRE_PG=1 CGO_ENABLED=1 go test -json -vet=off -race ` + unwatched + ` -timeout 30m ./test/... ./internal/voucher ./internal/order ./internal/account ./...`,
		count:   goTestEvents,
	}

	browser = step{name: "browser, two engines", command: `scripts/browser-tests`, count: browserTests}
)

var plans = map[string][]phase{
	"check": {
		{
			{gofmt, vet, lint, staticcheck, goTests},
			{webDeps, eslint, prettier, vueTsc, vitest},
		},
	},
	"test": {
		{
			{gofmt, vet, lint, staticcheck, goTestsRace},
			{webDeps, eslint, prettier, vueTsc, vitest, build, contract},
		},
		{
			{browser},
		},
	},
}

const (
	logs     = ".cache/testrun"
	tooLong  = 40 * time.Minute
	tailSize = 4000 // characters of a failed step's output that are shown
)

// run runs the step and keeps its output in logs.
func (s step) run(ctx context.Context) tally {
	ctx, cancel := context.WithTimeout(ctx, tooLong)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", s.command)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// The whole process group goes when the step is given up, browsers and servers too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second

	err := cmd.Run()
	if logErr := s.keep(stdout.Bytes(), stderr.Bytes()); logErr != nil {
		return tally{failed: 1, failures: []failure{{s.name, logErr.Error()}}}
	}
	var t tally
	if s.count != nil {
		t = s.count(stdout.Bytes())
	}
	switch {
	case err != nil && t.failed == 0: // the command itself went wrong
		text := stderr.String()
		if s.count == nil {
			text = stdout.String() + text
		}
		t.fail(s.name, fmt.Sprintf("%s\n%v", tail(text), err))
	case s.count == nil:
		t.passed++
	case t.passed == 0 && t.failed == 0:
		t.fail(s.name, "no test was run")
	}
	return t
}

func (s step) keep(stdout, stderr []byte) error {
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return err
	}
	name := strings.NewReplacer(" ", "-", ",", "").Replace(s.name)
	return os.WriteFile(filepath.Join(logs, name+".log"), append(stdout, stderr...), 0o644)
}

func tail(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > tailSize {
		text = "…" + strings.ToValidUTF8(text[len(text)-tailSize:], "")
	}
	return text
}
