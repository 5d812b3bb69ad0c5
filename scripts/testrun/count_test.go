package main

import (
	"strings"
	"testing"
)

func TestGoTestEvents(t *testing.T) {
	const events = `
{"Action":"output","Package":"smedx/a","Test":"TestOne/good","Output":"fine\n"}
{"Action":"pass","Package":"smedx/a","Test":"TestOne/good"}
{"Action":"output","Package":"smedx/a","Test":"TestOne/bad","Output":"a_test.go:7: want 1\n"}
{"Action":"fail","Package":"smedx/a","Test":"TestOne/bad"}
{"Action":"fail","Package":"smedx/a","Test":"TestOne"}
{"Action":"pass","Package":"smedx/a","Test":"TestTwo"}
{"Action":"skip","Package":"smedx/a","Test":"TestThree"}
{"Action":"fail","Package":"smedx/a"}
{"ImportPath":"smedx/b [smedx/b.test]","Action":"build-output","Output":"b.go:3: undefined: x\n"}
{"Action":"fail","Package":"smedx/b","FailedBuild":"smedx/b [smedx/b.test]"}
{"Action":"output","Package":"smedx/c","Output":"panic: in init\n"}
{"Action":"fail","Package":"smedx/c"}
{"Action":"skip","Package":"smedx/d"}
`
	got := goTestEvents([]byte(events))
	if got.passed != 2 || got.failed != 3 || got.skipped != 1 {
		t.Errorf("%d passed, %d failed, %d skipped", got.passed, got.failed, got.skipped)
	}
	for i, want := range []failure{{"smedx/a TestOne/bad", "want 1"}, {"smedx/b", "undefined: x"}, {"smedx/c", "panic: in init"}} {
		if f := got.failures[i]; f.name != want.name || !strings.Contains(f.why, want.why) {
			t.Errorf("failure %d is %+v, want %+v", i, f, want)
		}
	}
}

func TestVitestReport(t *testing.T) {
	const report = `{"testResults":[
		{"name":"money.test.ts","status":"failed","message":"","assertionResults":[
			{"fullName":"formats","status":"passed"},
			{"fullName":"rounds","status":"failed","failureMessages":["expected 1"]},
			{"fullName":"later","status":"skipped"}]},
		{"name":"broken.test.ts","status":"failed","message":"no such file","assertionResults":[]}]}`
	got := vitestTests([]byte(report))
	if got.passed != 1 || got.failed != 2 || got.skipped != 1 {
		t.Errorf("%+v", got)
	}
}

func TestStepsFailWithTheirCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, c := range map[string]struct {
		step           step
		passed, failed int
	}{
		"succeeds":              {step{command: "true"}, 1, 0},
		"fails":                 {step{command: "echo why; false"}, 0, 1},
		"a part of a pipe":      {step{command: "false | cat"}, 0, 1},
		"counts one":            {step{command: `echo '{"result":"passed"}'`, count: browserTests}, 1, 0},
		"ran nothing":           {step{command: "true", count: browserTests}, 0, 1},
		"broke after its tests": {step{command: `echo '{"result":"passed"}'; exit 2`, count: browserTests}, 1, 1},
	} {
		c.step.name = name
		if got := c.step.run(t.Context()); got.passed != c.passed || got.failed != c.failed {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
