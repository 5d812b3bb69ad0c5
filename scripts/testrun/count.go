package main

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A tally is what one step, or all of them, came to.
type tally struct {
	passed, failed, skipped int
	failures                []failure
}

type failure struct{ name, why string }

func (t *tally) add(o tally) {
	t.passed += o.passed
	t.failed += o.failed
	t.skipped += o.skipped
	t.failures = append(t.failures, o.failures...)
}

func (t *tally) fail(name, why string) {
	t.failed++
	t.failures = append(t.failures, failure{name, strings.TrimSpace(why)})
}

// goTestEvents reads the events of `go test -json`. Only the innermost tests
// count: a test with subtests is a heading.
func goTestEvents(stdout []byte) tally {
	type id struct{ pkg, test string }
	var (
		t        tally
		output   = map[id]*strings.Builder{}
		heading  = map[id]bool{}
		brokenIn = map[string]bool{} // packages with a failed test, whose own failure says nothing new
	)
	write := func(at id, text string) {
		if output[at] == nil {
			output[at] = &strings.Builder{}
		}
		output[at].WriteString(text)
	}
	for raw := range bytes.Lines(stdout) {
		var e struct{ Action, Package, ImportPath, Test, Output, FailedBuild string }
		if json.Unmarshal(raw, &e) != nil {
			continue
		}
		at := id{e.Package, e.Test}
		if parent := strings.LastIndex(e.Test, "/"); parent > 0 {
			heading[id{e.Package, e.Test[:parent]}] = true
		}
		switch e.Action {
		case "output":
			write(at, e.Output)
		case "build-output":
			write(id{e.ImportPath, ""}, e.Output)
		case "pass", "skip", "fail":
			text := ""
			if b := output[at]; b != nil {
				text = b.String()
				delete(output, at)
			}
			switch {
			case e.Action == "fail" && e.Test == "" && !brokenIn[e.Package]:
				if b := output[id{e.FailedBuild, ""}]; b != nil {
					text = b.String() + text
				}
				t.fail(e.Package, tail(text))
			case e.Action == "fail" && e.Test != "" && !(heading[at] && brokenIn[e.Package]):
				brokenIn[e.Package] = true
				t.fail(e.Package+" "+e.Test, tail(text))
			case e.Test == "" || heading[at]:
			case e.Action == "pass":
				t.passed++
			case e.Action == "skip":
				t.skipped++
			}
		}
	}
	return t
}

// vitestTests reads vitest's JSON report.
func vitestTests(stdout []byte) tally {
	var report struct {
		TestResults []struct {
			Name, Status, Message string
			AssertionResults      []struct {
				FullName, Status string
				FailureMessages  []string
			}
		}
	}
	var t tally
	if start := bytes.IndexByte(stdout, '{'); start < 0 || json.Unmarshal(stdout[start:], &report) != nil {
		return t
	}
	for _, file := range report.TestResults {
		if file.Status == "failed" && len(file.AssertionResults) == 0 {
			t.fail(file.Name, file.Message)
		}
		for _, test := range file.AssertionResults {
			switch test.Status {
			case "passed":
				t.passed++
			case "failed":
				t.fail("vitest: "+test.FullName, tail(strings.Join(test.FailureMessages, "\n")))
			default:
				t.skipped++
			}
		}
	}
	return t
}

// browserTests reads the lines of test/e2e/harness/reporter.mjs, one a test.
func browserTests(stdout []byte) tally {
	var t tally
	for raw := range bytes.Lines(stdout) {
		var test struct{ Name, Result, Why string }
		if json.Unmarshal(raw, &test) != nil {
			continue
		}
		switch test.Result {
		case "passed":
			t.passed++
		case "failed":
			t.fail(test.Name, tail(test.Why))
		case "skipped":
			t.skipped++
		}
	}
	return t
}
