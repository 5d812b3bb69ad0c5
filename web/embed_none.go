//go:build !ui

// Package web holds the built pages. With the build tag ui they are compiled
// into the program; without it Go builds and tests alone.
package web

import "io/fs"

// FS returns the built pages, and whether this program has them.
func FS() (fs.FS, bool) { return nil, false }
