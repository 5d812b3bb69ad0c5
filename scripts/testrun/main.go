// Command testrun runs the checks and tests of the whole repository, says in
// one line how each step went, shows at the end what failed and why, and closes
// with the total: "N passed, N failed".
//
//	go run ./scripts/testrun test     everything (make test)
//	go run ./scripts/testrun check    the fast loop (make check)
//
// What is run stands in steps.go; how results are counted in count.go.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	plan := plans[append(os.Args, "test")[1]]
	if plan == nil {
		fmt.Fprintln(os.Stderr, "usage: testrun [test|check]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	began := time.Now()
	total := runAll(ctx, plan)
	report(total, time.Since(began))
	if total.failed > 0 {
		os.Exit(1)
	}
}

// runAll runs the phases one after the other, the lanes of a phase beside each
// other, and the steps of a lane in order. A step that fails does not stop the
// next: one run shows everything that is wrong.
func runAll(ctx context.Context, plan []phase) tally {
	var (
		total tally
		mu    sync.Mutex
	)
	for _, lanes := range plan {
		var wg sync.WaitGroup
		for _, lane := range lanes {
			wg.Go(func() {
				for _, s := range lane {
					began := time.Now()
					result := s.run(ctx)
					mu.Lock()
					fmt.Println(line(s, result, time.Since(began)))
					total.add(result)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
	}
	return total
}

func line(s step, t tally, took time.Duration) string {
	word := "ok  "
	if t.failed > 0 {
		word = "FAIL"
	}
	text := fmt.Sprintf("%s  %-26s %6.1fs", word, s.name, took.Seconds())
	if s.count != nil {
		text += fmt.Sprintf("  %d passed", t.passed)
		if t.failed > 0 {
			text += fmt.Sprintf(", %d failed", t.failed)
		}
		if t.skipped > 0 {
			text += fmt.Sprintf(", %d skipped", t.skipped)
		}
	}
	return text
}

func report(total tally, took time.Duration) {
	for _, f := range total.failures {
		fmt.Printf("\n--- %s\n%s\n", f.name, f.why)
	}
	fmt.Printf("\n%.0f s; each step's full output is in %s\n", took.Seconds(), logs)
	fmt.Printf("%d passed, %d failed\n", total.passed, total.failed)
}
