package audit

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/money"
)

//go:embed words.zh.yaml
var wordsFile []byte

var words = func() (w struct {
	Actions map[string]string
	Objects map[string]string
	Details map[string]string
	Values  map[string]string
	States  map[string]map[string]string
}) {
	if err := yaml.Unmarshal(wordsFile, &w); err != nil {
		panic(err)
	}
	return w
}()

// Word is an action or a kind of object in Chinese.
type Word struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

// Actions lists every action that has a word, by code.
func Actions() []Word { return list(words.Actions) }

// Objects lists every kind of object that has a word, by code.
func Objects() []Word { return list(words.Objects) }

func list(m map[string]string) []Word {
	out := make([]Word, 0, len(m))
	for _, code := range slices.Sorted(maps.Keys(m)) {
		out = append(out, Word{code, m[code]})
	}
	return out
}

// ActionWord is an action in Chinese; "" when it has no word.
func ActionWord(action string) string { return words.Actions[action] }

// ObjectWord is a kind of object in Chinese; "" when it has no word.
func ObjectWord(kind string) string { return words.Objects[kind] }

// Fact is one detail of an entry as people read it.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Facts puts an entry's details into words; a change of state comes first.
func (r Record) Facts() []Fact {
	var detail map[string]any
	d := json.NewDecoder(strings.NewReader(r.Detail))
	d.UseNumber()
	if err := d.Decode(&detail); err != nil {
		return nil
	}
	out := []Fact{}
	from, hasFrom := detail["from"]
	to, hasTo := detail["to"]
	if hasFrom && hasTo {
		out = append(out, Fact{"变更", r.value("from", from) + " → " + r.value("to", to)})
	}
	for _, key := range slices.Sorted(maps.Keys(detail)) {
		if hasFrom && hasTo && (key == "from" || key == "to") || detail[key] == "" || detail[key] == nil {
			continue
		}
		name, ok := words.Details[key]
		if !ok {
			name = key
		}
		out = append(out, Fact{name, r.value(key, detail[key])})
	}
	return out
}

func (r Record) value(key string, v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, 0, len(v))
		for _, one := range v {
			parts = append(parts, r.value(key, one))
		}
		return strings.Join(parts, "、")
	case json.Number:
		n, err := v.Int64()
		switch {
		case err != nil:
			return v.String()
		case strings.HasSuffix(key, "Fen"):
			return money.Fen(n).String() + " 元"
		}
		return v.String()
	}
	text := fmt.Sprint(v)
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil { // as instants are written
		if key == "until" {
			return clock.At(at).LastSecond()
		}
		return clock.At(at).Local()
	}
	return cmp.Or(words.States[r.ObjectKind][text], words.Values[text], several(text), text)
}

// several puts codes with blanks between them into words; "" when one has none.
func several(text string) string {
	parts := strings.Fields(text)
	for i, code := range parts {
		if parts[i] = words.Values[code]; parts[i] == "" {
			return ""
		}
	}
	return strings.Join(parts, "、")
}

// HasDetailWord tells whether a detail of entries has a word.
func HasDetailWord(key string) bool { return words.Details[key] != "" }

// StateWord is a state of a kind of object, a role or another code in Chinese;
// the code itself when it has no word.
func StateWord(kind, code string) string {
	return cmp.Or(words.States[kind][code], words.Values[code], code)
}
