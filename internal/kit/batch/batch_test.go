package batch_test

import (
	"slices"
	"sync"
	"testing"

	"smedx/internal/kit/batch"
)

func TestEveryItemIsServedOnceAndNoBatchIsTooLarge(t *testing.T) {
	for _, desks := range []int{1, 2} {
		everyItemOnce(t, desks)
	}
}

func everyItemOnce(t *testing.T, desks int) {
	t.Helper()
	var (
		mu     sync.Mutex
		served []int
		inside int
	)
	line := batch.WithDesks(desks, 10, 1000, func(items []*int) {
		mu.Lock()
		if inside++; inside > desks || len(items) == 0 || len(items) > 10 {
			t.Errorf("%d batches at a time, %d items", inside, len(items))
		}
		mu.Unlock()
		for _, n := range items {
			served = append(served, *n)
			*n = -*n
		}
		mu.Lock()
		inside--
		mu.Unlock()
	})
	var wg sync.WaitGroup
	for n := 1; n <= 500; n++ {
		wg.Go(func() {
			mine := n
			if !line.Do(&mine) || mine != -n {
				t.Errorf("%d came back as %d", n, mine)
			}
		})
	}
	wg.Wait()
	slices.Sort(served)
	if len(served) != 500 || len(slices.Compact(served)) != 500 {
		t.Error(len(served))
	}
}

func TestThoseWhoComeMeanwhileAreServedTogetherAndAFullLineRefuses(t *testing.T) {
	var sizes []int
	begun, goOn := make(chan int, 10), make(chan bool)
	line := batch.New(100, 3, func(items []*int) {
		sizes = append(sizes, len(items))
		begun <- len(items)
		<-goOn
	})
	var wg sync.WaitGroup
	ask := func() { wg.Go(func() { line.Do(new(int)) }) }
	ask()
	<-begun
	refused := make(chan bool)
	for range 4 { // three may wait, the fourth is sent away
		wg.Go(func() {
			if !line.Do(new(int)) {
				refused <- true
			}
		})
	}
	<-refused
	goOn <- true
	<-begun
	goOn <- true
	wg.Wait()
	if !slices.Equal(sizes, []int{1, 3}) {
		t.Error(sizes)
	}
}
