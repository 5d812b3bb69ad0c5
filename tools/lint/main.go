// Command lint is run by `go vet -vettool`: analysers that staticcheck does not
// have. As a vet tool its answers are kept in the build cache, package by package.
package main

import (
	"github.com/polyfloyd/go-errorlint/errorlint"
	"github.com/ryanrolds/sqlclosecheck/pkg/analyzer"
	"github.com/timakin/bodyclose/passes/bodyclose"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	unitchecker.Main(
		bodyclose.Analyzer,
		errorlint.NewAnalyzer(),
		analyzer.NewAnalyzer(),
	)
}
