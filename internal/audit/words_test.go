package audit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"smedx/internal/audit"
)

// verbs says what may follow a prefix: the constants of a type in a package.
var verbs = map[string][]string{
	"campaign.":             {"voucher.CampaignEvent"},
	"content.announcement_": {"content.State"},
	"content.notice_":       {"content.State"},
	"delivery.":             {"delivery.Event"},
	"expert.":               {"expert.Action"},
	"fund.":                 {"fund.Event"},
	"order.":                {"order.Event"},
	"org.":                  {"org.Verb"},
	"review.":               {"review.Action"},
	"risk.":                 {"risk.Event"},
	"settlement.":           {"settlement.Verb"},
	"survey.":               {"survey.State"},
	"voucher.":              {"voucher.Event"},
	"voucher.application_":  {"voucher.ApplicationStatus"},
}

var (
	actionForm = regexp.MustCompile(`^[a-z]+\.[a-z_]+$`)
	prefixForm = regexp.MustCompile(`^[a-z]+\.([a-z]+_)?$`)
)

// source is what the modules write about the trail.
type source struct {
	actions, objects, details map[string]string // text → where
	prefixes                  map[string]string
	constants                 map[string][]string // "voucher.Event" → values
}

// Every action, kind of object and detail that the code writes has a Chinese
// word, so that no reader of the trail meets a code.
func TestEveryActionInTheCodeHasAWord(t *testing.T) {
	src := readSource(t)
	if len(src.actions) < 60 || len(src.prefixes) < 8 {
		t.Fatalf("found only %d actions and %d prefixes: the test does not see the code", len(src.actions), len(src.prefixes))
	}
	for action, where := range src.actions {
		if audit.ActionWord(action) == "" {
			t.Errorf("%s: no word for the action %s in words.zh.yaml", where, action)
		}
	}
	for prefix, where := range src.prefixes {
		types, known := verbs[prefix]
		if !known {
			t.Errorf("%s: say in this test what may follow %q", where, prefix)
		}
		for _, typ := range types {
			values := src.constants[typ]
			if len(values) == 0 {
				t.Errorf("%q: there are no constants of %s", prefix, typ)
			}
			for _, v := range values {
				if audit.ActionWord(prefix+v) == "" && !neverWritten[prefix+v] {
					t.Errorf("%s: no word for the action %s in words.zh.yaml", where, prefix+v)
				}
			}
		}
	}
	for kind, where := range src.objects {
		if audit.ObjectWord(kind) == "" {
			t.Errorf("%s: no word for the object %s in words.zh.yaml", where, kind)
		}
	}
	for key, where := range src.details {
		if !audit.HasDetailWord(key) {
			t.Errorf("%s: no word for the detail %s in words.zh.yaml", where, key)
		}
	}
}

// Rights and settings are called what their pages call them.
func TestEveryRightAndSettingHasAWord(t *testing.T) {
	src := readSource(t)
	for _, typ := range []string{"account.Permission", "setting.Key"} {
		codes := src.constants[typ]
		if len(codes) == 0 {
			t.Errorf("there are no constants of %s", typ)
		}
		for _, code := range codes {
			facts := audit.Record{Detail: `{"key":"` + code + `"}`}.Facts()
			if facts[0].Value == code {
				t.Errorf("no word for %s in words.zh.yaml", code)
			}
		}
	}
	got := audit.Record{ObjectKind: "user", Detail: `{"permissions":"task.view order.buy"}`}.Facts()
	if want := "我的待办、订单管理（含购买与验收）"; got[0].Value != want {
		t.Errorf("several rights read %q, want %q", got[0].Value, want)
	}
}

// neverWritten: a state that nothing is moved into.
var neverWritten = map[string]bool{}

func readSource(t *testing.T) source {
	t.Helper()
	s := source{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[string][]string{}}
	files := token.NewFileSet()
	byPackage := map[string][]*ast.File{}
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/audit/") {
			return err
		}
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err == nil {
			byPackage[filepath.Dir(path)] = append(byPackage[filepath.Dir(path)], f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range byPackage {
		writers := map[string]map[string]int{} // functions that take an action, a verb or a kind → which argument
		for _, f := range list {
			for _, d := range f.Decls {
				s.declaration(f.Name.Name, d, writers)
			}
		}
		for _, f := range list {
			ast.Inspect(f, func(n ast.Node) bool { s.node(files, n, writers); return true })
		}
	}
	return s
}

// declaration notes typed constants, and functions through which actions pass.
func (s *source) declaration(pkg string, d ast.Decl, writers map[string]map[string]int) {
	switch d := d.(type) {
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok || d.Tok != token.CONST {
				continue
			}
			if typ, ok := v.Type.(*ast.Ident); ok {
				for _, value := range v.Values {
					s.constants[pkg+"."+typ.Name] = append(s.constants[pkg+"."+typ.Name], literal(value))
				}
			}
		}
	case *ast.FuncDecl:
		at := 0
		for _, field := range d.Type.Params.List {
			for _, name := range field.Names {
				if typ, ok := field.Type.(*ast.Ident); ok && typ.Name == "string" && slices.Contains([]string{"action", "verb", "kind"}, name.Name) {
					if writers[d.Name.Name] == nil {
						writers[d.Name.Name] = map[string]int{}
					}
					writers[d.Name.Name][name.Name] = at
				}
				at++
			}
		}
	}
}

func (s *source) node(files *token.FileSet, n ast.Node, writers map[string]map[string]int) {
	where := func(n ast.Node) string { return files.Position(n.Pos()).String() }
	action := func(e ast.Expr) {
		if text := literal(e); actionForm.MatchString(text) {
			s.actions[text] = where(e)
		}
		if sum, ok := e.(*ast.BinaryExpr); ok && prefixForm.MatchString(literal(sum.X)) {
			if text := literal(sum.Y); text != "" {
				s.actions[literal(sum.X)+text] = where(e)
			} else {
				s.prefixes[literal(sum.X)] = where(e)
			}
		}
	}
	switch n := n.(type) {
	case *ast.CompositeLit:
		typ, ok := n.Type.(*ast.SelectorExpr)
		if !ok || typ.Sel.Name != "Entry" || !isName(typ.X, "audit") {
			return
		}
		for _, e := range n.Elts {
			pair, ok := e.(*ast.KeyValueExpr)
			switch {
			case !ok:
			case isName(pair.Key, "Action"):
				action(pair.Value)
			case isName(pair.Key, "ObjectKind"):
				if text := literal(pair.Value); text != "" {
					s.objects[text] = where(pair)
				}
			case isName(pair.Key, "Detail"):
				s.detail(pair.Value, where)
			}
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if isName(left, "action") && i < len(n.Rhs) {
				action(n.Rhs[i])
			}
		}
	case *ast.CallExpr:
		args, ok := writers[called(n.Fun)]
		if !ok {
			return
		}
		_, takesKind := args["kind"]
		_, takesAction := args["action"]
		for name, at := range args {
			switch {
			case at >= len(n.Args):
			case name == "action":
				action(n.Args[at])
			case name == "kind" && takesKind && takesAction:
				if text := literal(n.Args[at]); text != "" {
					s.objects[text] = where(n)
				}
			}
		}
		for _, arg := range n.Args {
			s.detail(arg, where)
		}
	}
}

// detail notes the names in a map literal.
func (s *source) detail(e ast.Expr, where func(ast.Node) string) {
	m, ok := e.(*ast.CompositeLit)
	if !ok {
		return
	}
	if _, ok := m.Type.(*ast.MapType); !ok {
		return
	}
	for _, e := range m.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			s.details[literal(pair.Key)] = where(pair)
		}
	}
}

func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(l.Value)
	if err != nil {
		return ""
	}
	return text
}

func isName(e ast.Expr, name string) bool {
	i, ok := e.(*ast.Ident)
	return ok && i.Name == name
}

func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// Words are Chinese, and none stands for two actions of one module by mistake.
func TestWordsAreChinese(t *testing.T) {
	han := regexp.MustCompile(`\p{Han}`)
	for _, w := range slices.Concat(audit.Actions(), audit.Objects()) {
		if !han.MatchString(w.Label) {
			t.Errorf("%s: %q", w.Code, w.Label)
		}
	}
}
