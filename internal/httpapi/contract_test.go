package httpapi

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// The promises of the contract that hold for every operation and every schema.
func TestContractKeepsItsPromises(t *testing.T) {
	contract := New(Services{}).Contract()
	camel := regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
	for path, item := range contract.Paths {
		for method, o := range operationsOf(item) {
			name := method + " " + path
			if !camel.MatchString(o.OperationID) {
				t.Errorf("%s: operation id %q", name, o.OperationID)
			}
			if o.Extensions["x-permission"] == nil {
				t.Errorf("%s: no x-permission", name)
			}
			if o.Summary == "" || len(o.Tags) != 1 {
				t.Errorf("%s: summary %q, tags %q; want one line and one tag", name, o.Summary, o.Tags)
			}
		}
	}

	schemas := contract.Components.Schemas.Map()
	title := regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	delete(schemas, "FormFile") // the library's, never on the wire
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		s := schemas[name]
		if !title.MatchString(name) {
			t.Errorf("schema %q: give the Go type a name of its own", name)
		}
		if s.Type == huma.TypeObject && len(s.Properties) > 0 && s.AdditionalProperties != false {
			t.Errorf("%s: takes properties it does not know", name)
		}
		for field, p := range s.Properties {
			if !camel.MatchString(field) {
				t.Errorf("%s.%s: JSON names are camelCase", name, field)
			}
			if strings.HasSuffix(field, "Fen") && (p.Ref == "" && (p.Type != huma.TypeInteger || p.Format != "int64")) {
				t.Errorf("%s.%s: money is an int64 of fen, not %s %s", name, field, p.Type, p.Format)
			}
			if (field == "id" || strings.HasSuffix(field, "Id")) && p.Ref == "" && p.Type != huma.TypeString {
				t.Errorf("%s.%s: ids travel as strings, not %s", name, field, p.Type)
			}
		}
	}
	if _, err := json.Marshal(contract); err != nil {
		t.Error(err)
	}
}

// Every code that an operation's refusal can carry has a Chinese text of its own.
func TestMessagesAreChinese(t *testing.T) {
	han := regexp.MustCompile(`\p{Han}`)
	for code, text := range messages {
		if !han.MatchString(text) {
			t.Errorf("%s: %q", code, text)
		}
	}
}

func operationsOf(item *huma.PathItem) map[string]*huma.Operation {
	all := map[string]*huma.Operation{
		"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete,
	}
	maps.DeleteFunc(all, func(_ string, o *huma.Operation) bool { return o == nil })
	return all
}
