//go:build race

package picture

// A binary with the race detector in it is for tests only. There the pictures
// take ten times as long to draw and nobody looks at them.
const shrink = 8
