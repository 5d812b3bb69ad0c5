// Package web carries the built pages inside the binary. Without the build tag
// "ui" it is empty, so that Go builds and tests alone.
package web
