package payment

import (
	"testing"

	"go.uber.org/goleak"
)

// T-CONC-14: what is closed has ended: no goroutine is left when the tests are over.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
