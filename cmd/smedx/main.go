// Command smedx is the whole platform in one binary.
package main

import (
	"os"

	"smedx/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr))
}
