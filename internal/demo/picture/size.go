//go:build !race

package picture

// shrink divides the sides of every picture.
const shrink = 1
