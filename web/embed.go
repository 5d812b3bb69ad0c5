//go:build ui

// Package web holds the built pages. With the build tag ui they are compiled
// into the program; without it Go builds and tests alone.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS returns the built pages, and whether this program has them.
func FS() (fs.FS, bool) {
	files, err := fs.Sub(dist, "dist")
	return files, err == nil
}
