//go:build !ui

package web

import "io/fs"

// FS is the built pages, and true when this binary has them.
func FS() (fs.FS, bool) { return nil, false }
