// Package arch holds the architecture as tests: who may import whom, and the
// few habits that no compiler checks. It has no code of its own.
package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// kit and the helpers may be imported from everywhere below the modules' line,
// so the table does not repeat them. A helper itself knows kit only.
const helpers = "audit codelist file ledger notify setting"

// mayImport is the architecture: each module, and the modules it may use
// besides kit and the helpers.
var mayImport = map[string]string{
	// Modules of the business, lowest first.
	"account":    "",
	"content":    "account",
	"survey":     "account",
	"review":     "account",
	"payment":    "account",
	"fund":       "account",
	"org":        "account review",
	"expert":     "account org review",
	"catalog":    "account org review",
	"voucher":    "account org review fund",
	"order":      "account catalog org payment voucher",
	"delivery":   "account order",
	"settlement": "account org order voucher",
	"rating":     "account catalog order",
	"risk":       "account org",

	// Readers and loaders over many modules. They hold no rules.
	"workbench": anyModule,
	"books":     anyModule,
	"reconcile": anyModule + " books",
	"retention": "",
	"demo":      anyModule,

	// The way in and out.
	"httpapi": anyModule + " workbench books reconcile config web",
	"jobs":    anyModule + " workbench reconcile",

	// The program.
	"config": "",
	"app":    anyModule + " workbench books reconcile retention demo httpapi jobs config migrations web",
	"bench":  anyModule + " app config reconcile",
	"cli":    "account app bench config httpapi migrations reconcile",
	"cmd":    "cli",

	// Files compiled into the program, and what surrounds it.
	"migrations": "",
	"web":        "",
	"scripts":    "",
	"test":       anyModule + " app config migrations",
	"arch":       "",
}

const anyModule = "account content survey review payment fund org expert catalog voucher order delivery settlement rating risk"

// mayImportOnlyHere widens the table for single packages that are not a module.
var mayImportOnlyHere = map[string]string{
	"smedx/internal/kit/dbtest": "migrations", // opens databases with the schema in place
	"smedx/internal/setting":    "audit",      // a change stands in the trail
	"smedx/internal/notify":     "audit",      // so does a message that somebody sends again
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		from := module(p.ImportPath)
		allowed, known := allowedFrom(p.ImportPath)
		if !known {
			t.Errorf("%s is not in the table of internal/arch: decide what it may import", from)
			continue
		}
		for _, path := range p.imports() {
			to := module(path)
			if to == "" || to == from || slices.Contains(allowed, to) {
				continue
			}
			t.Errorf("%s must not import %s (internal/arch has the table)", p.ImportPath, path)
		}
	}
}

// TestTable keeps the table honest: it names what exists in it, has no cycle,
// and the helpers do not appear as something that may be forbidden.
func TestTable(t *testing.T) {
	names := slices.Collect(maps.Keys(mayImport))
	for from, list := range mayImport {
		for to := range strings.FieldsSeq(list) {
			if !slices.Contains(names, to) {
				t.Errorf("%s may import %s, which has no row of its own", from, to)
			}
			if from != to && slices.Contains(reachable(to), from) {
				t.Errorf("%s and %s may import each other", from, to)
			}
		}
	}
}

// TestPackagesSayWhatTheyOwn asks each package for its doc comment.
func TestPackagesSayWhatTheyOwn(t *testing.T) {
	for _, p := range packages(t) {
		if !p.documented() {
			t.Errorf("%s has no package comment: say what it owns and what it does not", p.ImportPath)
		}
	}
}

// TestModulesReadOneClock: inside a module the time comes from the transaction
// or from an argument, so that a test can hold it and one use case sees one now.
func TestModulesReadOneClock(t *testing.T) {
	modules := strings.Fields(anyModule + " " + helpers)
	for _, p := range packages(t) {
		if !slices.Contains(modules, module(p.ImportPath)) {
			continue
		}
		for _, file := range p.Files {
			ast.Inspect(file, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Now" {
					if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
						t.Errorf("%s: time.Now in a module; take tx.Now() or an argument", p.fset.Position(n.Pos()))
					}
				}
				return true
			})
		}
	}
}

// source is a package as it lies on disk, tests left out, all build tags in.
type source struct {
	ImportPath string
	Files      []*ast.File
	fset       *token.FileSet
}

// packages reads the module's own packages. It opens the files itself rather
// than ask `go list`, so that the test cache notices when one of them changes.
func packages(t *testing.T) []source {
	t.Helper()
	const root = "../.."
	byDir := map[string]*source{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && notOurs(path, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		dir := filepath.Dir(path)
		p := byDir[dir]
		if p == nil {
			rel, err := filepath.Rel(root, dir)
			if err != nil {
				return err
			}
			p = &source{ImportPath: "smedx/" + filepath.ToSlash(rel), fset: token.NewFileSet()}
			byDir[dir] = p
		}
		file, err := parser.ParseFile(p.fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		p.Files = append(p.Files, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all := make([]source, 0, len(byDir))
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		all = append(all, *byDir[dir])
	}
	return all
}

// notOurs are folders without packages of this module: hidden ones, installed
// or built ones, and modules of their own.
func notOurs(path, name string) bool {
	if strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || name == "data" || name == "dist" {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil
}

func (p source) imports() []string {
	var all []string
	for _, file := range p.Files {
		for _, spec := range file.Imports {
			all = append(all, strings.Trim(spec.Path.Value, `"`))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (p source) documented() bool {
	return slices.ContainsFunc(p.Files, func(f *ast.File) bool { return f.Doc != nil })
}

// allowedFrom returns the modules a package may import; false when neither it
// nor its module has a row.
func allowedFrom(importPath string) ([]string, bool) {
	from := module(importPath)
	own := strings.Fields(mayImportOnlyHere[importPath])
	switch {
	case from == "kit":
		return own, true
	case slices.Contains(strings.Fields(helpers), from):
		return append(own, "kit"), true
	}
	list, known := mayImport[from]
	allowed := append(own, strings.Fields(list)...)
	allowed = append(allowed, strings.Fields(helpers)...)
	return append(allowed, "kit"), known
}

// reachable returns every module that from may import, directly or not.
func reachable(from string) []string {
	seen := map[string]bool{}
	var walk func(string)
	walk = func(name string) {
		for to := range strings.FieldsSeq(mayImport[name]) {
			if !seen[to] {
				seen[to] = true
				walk(to)
			}
		}
	}
	walk(from)
	return slices.Collect(maps.Keys(seen))
}

// module names the row of the table an import path belongs to: its first
// element below internal, or below the root. Packages of others have none.
func module(importPath string) string {
	rest, ours := strings.CutPrefix(importPath, "smedx/")
	if !ours {
		return ""
	}
	rest = strings.TrimPrefix(rest, "internal/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}
