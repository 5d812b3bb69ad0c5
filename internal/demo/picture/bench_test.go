package picture

import "testing"

func BenchmarkCover(b *testing.B) {
	for b.Loop() {
		Cover("quality", "one")
	}
}
