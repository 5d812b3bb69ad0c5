package access

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"smedx/internal/account"
)

// operation is one row of the contract.
type operation struct {
	id, method, path string
	access           struct {
		Public, HalfSigned bool
		Roles              []string
		Permission         string
		Permissions        map[string]string // of single roles
	}
	params []string // of the path
	query  []string
	body   *schema // of JSON, with references resolved one by one
	form   bool    // takes a file

	answers []*schema // of JSON, when all is well
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       any    `json:"type"`
	Enum       []any
	Format     string
	Pattern    string
	MinLength  int
	MaxLength  int
	MinItems   int
	Minimum    *float64
	Required   []string
	Properties map[string]*schema
	Items      *schema
}

var schemas map[string]*schema

// readContract asks the platform for its contract.
func readContract() ([]operation, error) {
	a, err := run.ask("", "GET", "/api/openapi.json", "")
	if err != nil {
		return nil, err
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Access      json.RawMessage `json:"x-permission"`
			Parameters  []struct{ Name, In string }
			RequestBody struct {
				Content map[string]struct{ Schema *schema }
			}
			Responses map[string]struct {
				Content map[string]struct{ Schema *schema }
			}
		}
		Components struct{ Schemas map[string]*schema }
	}
	if err := json.Unmarshal([]byte(a.body), &doc); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	schemas = doc.Components.Schemas
	var all []operation
	for path, methods := range doc.Paths {
		for method, o := range methods {
			op := operation{id: o.OperationID, method: strings.ToUpper(method), path: "/api/v1" + path}
			if err := json.Unmarshal(o.Access, &op.access); err != nil {
				return nil, fmt.Errorf("x-permission of %s: %w", op.id, err)
			}
			for _, p := range o.Parameters {
				switch p.In {
				case "path":
					op.params = append(op.params, p.Name)
				case "query":
					op.query = append(op.query, p.Name)
				}
			}
			for kind, c := range o.RequestBody.Content {
				if kind == "application/json" {
					op.body = c.Schema
				} else {
					op.form = true
				}
			}
			for status, r := range o.Responses {
				if c := r.Content["application/json"]; status[0] == '2' && c.Schema != nil {
					op.answers = append(op.answers, c.Schema)
				}
			}
			all = append(all, op)
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return all, nil
}

// permission is what a caller of a role must hold, or nothing.
func (o operation) permission(r account.Role) string {
	return cmp.Or(o.access.Permissions[string(r)], o.access.Permission)
}

func (o operation) get() bool { return o.method == "GET" }

// at fills the parameters of the path.
func (o operation) at(values map[string]string) string {
	path := o.path
	for name, v := range values {
		path = strings.ReplaceAll(path, "{"+name+"}", v)
	}
	if o.id == "changeExpert" {
		path += "?version=1"
	}
	return path
}

// empty is a body that says nothing; only an operation that takes JSON gets one.
func (o operation) empty() string {
	if o.body == nil && !o.form {
		return ""
	}
	return "{}"
}

// whole is the least body that has the contract's shape.
func (o operation) whole() string {
	if o.body == nil {
		return o.empty()
	}
	text, err := json.Marshal(sample(o.body))
	if err != nil {
		return "{}"
	}
	return string(text)
}

func (s *schema) resolve() *schema {
	for s != nil && s.Ref != "" {
		s = schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
	}
	return s
}

func (s *schema) kind() string {
	switch t := s.Type.(type) {
	case string:
		return t
	case []any:
		if len(t) > 0 {
			return fmt.Sprint(t[0])
		}
	}
	return "object"
}

// plausible are values of fields that a rule looks at before the object is asked for.
var plausible = map[string]any{"phone": "13911112222", "lastDay": time.Now().AddDate(0, 1, 0).Format(time.DateOnly), "email": "a@b.example"}

func sample(s *schema) any {
	s = s.resolve()
	if s == nil {
		return nil
	}
	for _, e := range s.Enum {
		if e != "" {
			return e
		}
	}
	switch s.kind() {
	case "string":
		switch {
		case s.Format == "date-time":
			return "2026-01-01T00:00:00Z"
		case s.Format == "date":
			return "2026-01-01"
		case strings.HasPrefix(s.Pattern, "^[0-9]"):
			return "1"
		}
		n := max(s.MinLength, 12)
		if s.MaxLength > 0 {
			n = min(n, s.MaxLength)
		}
		return strings.Repeat("甲", n)
	case "integer", "number":
		if s.Minimum != nil {
			return max(*s.Minimum, 1)
		}
		return 1
	case "boolean":
		return true
	case "array":
		out := []any{}
		for range max(s.MinItems, 1) {
			out = append(out, sample(s.Items))
		}
		return out
	}
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if v, fixed := plausible[name]; fixed && slices.Contains(s.Required, name) {
			out[name] = v
		} else if slices.Contains(s.Required, name) {
			out[name] = sample(s.Properties[name])
		}
	}
	return out
}
