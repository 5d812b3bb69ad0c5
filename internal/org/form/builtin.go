package form

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Kinds are the kinds of companies that have a form.
var Kinds = []string{"enterprise", "provider"}

//go:embed data/*.yaml
var files embed.FS

var builtin = sync.OnceValue(func() map[string]*Definition {
	m := map[string]*Definition{}
	for _, kind := range Kinds {
		raw, err := files.ReadFile("data/" + kind + ".yaml")
		if err != nil {
			panic(err)
		}
		d, err := Decode(raw)
		if err != nil {
			panic(fmt.Errorf("form %s: %w", kind, err))
		}
		m[kind] = d
	}
	return m
})

// Builtin is the first version of a kind's form, as its author wrote it: with
// year marks in its labels. Nobody changes it.
func Builtin(kind string) (*Definition, bool) {
	d, ok := builtin()[kind]
	return d, ok
}

// Decode reads a form as Encode wrote it.
func Decode(raw []byte) (*Definition, error) {
	var d Definition
	if err := yaml.Unmarshal(raw, &d); err != nil {
		return nil, err
	}
	var err error
	d.each(func(f *Field) {
		if f.LabelTemplate != "" {
			f.Label, f.LabelTemplate = f.LabelTemplate, ""
		}
		if f.Pattern == "" || err != nil {
			return
		}
		f.pattern, err = regexp.Compile(f.Pattern)
	})
	return &d, err
}

// Encode writes the form down, with everything that applicants do not see.
func (d *Definition) Encode() ([]byte, error) { return yaml.Marshal(d) }

// In is the form as applicants see it in a year of filling: years in its labels,
// without what is retired.
func (d *Definition) In(year int) *Definition {
	seen := *d
	seen.Year = year
	seen.Sections = make([]Section, 0, len(d.Sections))
	for _, s := range d.Sections {
		if s.Fields = inYear(s.Fields, year); len(s.Fields) > 0 {
			s.Count = len(s.Fields)
			seen.Sections = append(seen.Sections, s)
		}
	}
	return &seen
}

var yearMark = regexp.MustCompile(`\{Y-(\d)\}`)

func withYears(text string, year int) string {
	return yearMark.ReplaceAllStringFunc(text, func(m string) string {
		return strconv.Itoa(year - int(m[3]-'0'))
	})
}

func inYear(fields []Field, year int) []Field {
	fields = slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return f.Retired })
	for i := range fields {
		f := &fields[i]
		f.Fixed = false
		f.Label, f.Help = withYears(f.Label, year), withYears(f.Help, year)
		if len(f.Fields) > 0 {
			f.Fields = inYear(f.Fields, year)
		}
	}
	return fields
}
