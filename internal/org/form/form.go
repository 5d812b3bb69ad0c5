// Package form holds the company forms as data (data/*.yaml, versioned) and the
// one validator that reads them. It does not store answers.
//
// Answers are a JSON object by field key:
//
//	text, textarea, phone, email, uscc   string
//	date, month                          "2026-11-24", "2026-11"
//	integer                              whole number
//	money                                whole number of fen, whatever unit the page shows
//	decimal, percent                     decimal string, "12.50" (a number is taken too)
//	select, cascade, region              code; cascade and region the code of the chosen entry
//	multiselect, or max_items > 0        array of codes
//	image                                id of an upload
//	file                                 array of ids of uploads
//	group                                object by key
//	anything with repeat                 array of the above
package form

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"smedx/internal/codelist"
)

// Type is the kind of a field.
type Type string

// The types.
const (
	Text        Type = "text"
	Textarea    Type = "textarea"
	Integer     Type = "integer"
	Decimal     Type = "decimal"
	Money       Type = "money"
	Percent     Type = "percent"
	Date        Type = "date"
	Month       Type = "month"
	Select      Type = "select"
	MultiSelect Type = "multiselect"
	Cascade     Type = "cascade"
	Region      Type = "region"
	Phone       Type = "phone"
	Email       Type = "email"
	USCC        Type = "uscc"
	Image       Type = "image"
	File        Type = "file"
	Group       Type = "group"
)

var types = []Type{
	Text, Textarea, Integer, Decimal, Money, Percent, Date, Month, Select, MultiSelect, Cascade, Region, Phone, Email,
	USCC, Image, File, Group,
}

// Definition is one form in one version.
type Definition struct {
	Version  string    `json:"version" yaml:"version"`
	Kind     string    `json:"kind" yaml:"kind" enum:"enterprise,provider"`
	Year     int       `json:"year" yaml:"-" doc:"Year of filling, from which labels count back"`
	Sections []Section `json:"sections" yaml:"sections"`
}

// Section is a part that folds.
type Section struct {
	Key    string  `json:"key" yaml:"key"`
	Label  string  `json:"label" yaml:"label"`
	Count  int     `json:"count" yaml:"count" doc:"Fields as its header counts them; a repeated field counts once"`
	Fields []Field `json:"fields" yaml:"fields"`
}

// Field is one question.
type Field struct {
	Key           string          `json:"key" yaml:"key"`
	Label         string          `json:"label" yaml:"label"`
	LabelTemplate string          `json:"-" yaml:"label_template"`
	Type          Type            `json:"type" yaml:"type" enum:"text,textarea,integer,decimal,money,percent,date,month,select,multiselect,cascade,region,phone,email,uscc,image,file,group"`
	Required      bool            `json:"required,omitempty" yaml:"required"`
	Placeholder   string          `json:"placeholder,omitempty" yaml:"placeholder"`
	Help          string          `json:"help,omitempty" yaml:"help"`
	Unit          string          `json:"unit,omitempty" yaml:"unit"`
	Decimals      int             `json:"decimals,omitempty" yaml:"decimals" doc:"Decimals in the unit shown"`
	Min           string          `json:"min,omitempty" yaml:"min" doc:"In the unit shown; a date; or today"`
	Max           string          `json:"max,omitempty" yaml:"max"`
	MinLength     int             `json:"minLength,omitempty" yaml:"min_length"`
	MaxLength     int             `json:"maxLength,omitempty" yaml:"max_length"`
	Pattern       string          `json:"pattern,omitempty" yaml:"pattern"`
	CodeList      string          `json:"codelist,omitempty" yaml:"codelist"`
	Levels        int             `json:"levels,omitempty" yaml:"levels" doc:"How deep to choose in a tree"`
	AnyLevel      bool            `json:"anyLevel,omitempty" yaml:"any_level" doc:"A higher entry may be chosen as a whole"`
	Extra         []codelist.Item `json:"extra,omitempty" yaml:"extra" doc:"Entries besides the code list"`
	MaxItems      int             `json:"maxItems,omitempty" yaml:"max_items"`
	DetailAddress bool            `json:"detailAddress,omitempty" yaml:"detail_address" doc:"With a text KEY_detail beside the region"`
	Accept        []string        `json:"accept,omitempty" yaml:"accept"`
	MaxSizeMB     int             `json:"maxSizeMb,omitempty" yaml:"max_size_mb"`
	Repeat        *Repeat         `json:"repeat,omitempty" yaml:"repeat"`
	VisibleWhen   *Condition      `json:"visibleWhen,omitempty" yaml:"visible_when"`
	RequiredWhen  *Condition      `json:"requiredWhen,omitempty" yaml:"required_when"`
	AtMost        string          `json:"atMost,omitempty" yaml:"at_most" doc:"Not above that field"`
	Equals        string          `json:"equals,omitempty" yaml:"equals" doc:"The same as that field"`
	Advise        *Advise         `json:"-" yaml:"advise"`
	Computed      *Computed       `json:"computed,omitempty" yaml:"computed" doc:"Computed by the server, read only"`
	Sensitive     string          `json:"sensitive,omitempty" yaml:"sensitive" enum:"personal,commercial,secret"`
	Fields        []Field         `json:"fields,omitempty" yaml:"fields"`

	pattern *regexp.Regexp
}

// Repeat says that a field is asked several times.
type Repeat struct {
	Min   int    `json:"min" yaml:"min"`
	Max   int    `json:"max" yaml:"max"`
	Label string `json:"label,omitempty" yaml:"label" doc:"{n} is the number of the instance"`
}

// Condition is about another field's answer.
type Condition struct {
	Field  string `json:"field" yaml:"field"`
	Is     string `json:"is,omitempty" yaml:"is"`
	Not    string `json:"not,omitempty" yaml:"not" doc:"Answered, and not this"`
	Filled bool   `json:"filled,omitempty" yaml:"filled"`
}

// Advise is a rule whose breach is told to the reviewer and refuses nothing.
type Advise struct {
	AtMost        string   `yaml:"at_most"`
	AverageOf     []string `yaml:"average_of"`
	WithinPercent int64    `yaml:"within_percent"`
}

// Computed says from what the server computes a field.
type Computed struct {
	PercentOf []string `json:"percentOf,omitempty" yaml:"percent_of" doc:"part, whole"`
	SizeOf    []string `json:"sizeOf,omitempty" yaml:"size_of" doc:"industries, people, revenue, assets"`
}

//go:embed data/*.yaml
var files embed.FS

var forms = sync.OnceValue(func() map[string]Definition {
	m := map[string]Definition{}
	for _, kind := range []string{"enterprise", "provider"} {
		raw, err := files.ReadFile("data/" + kind + ".yaml")
		if err != nil {
			panic(err)
		}
		var d Definition
		if err := yaml.Unmarshal(raw, &d); err != nil {
			panic(fmt.Errorf("form %s: %w", kind, err))
		}
		d.each(func(f *Field) {
			if f.Pattern != "" {
				f.pattern = regexp.MustCompile(f.Pattern)
			}
		})
		m[kind] = d
	}
	return m
})

// Of is the form of a kind of company as it reads in a year of filling.
func Of(kind string, year int) (*Definition, error) {
	d, ok := forms()[kind]
	if !ok {
		return nil, fmt.Errorf("no form for %q", kind)
	}
	d.Year = year
	d.Sections = slices.Clone(d.Sections)
	for i := range d.Sections {
		d.Sections[i].Fields = inYear(d.Sections[i].Fields, year)
	}
	return &d, nil
}

var yearMark = regexp.MustCompile(`\{Y-(\d)\}`)

func inYear(fields []Field, year int) []Field {
	fields = slices.Clone(fields)
	for i := range fields {
		f := &fields[i]
		if f.LabelTemplate != "" {
			f.Label = yearMark.ReplaceAllStringFunc(f.LabelTemplate, func(m string) string {
				return strconv.Itoa(year - int(m[3]-'0'))
			})
		}
		f.Fields = inYear(f.Fields, year)
	}
	return fields
}

// each walks all fields, those inside groups too.
func (d *Definition) each(visit func(*Field)) {
	var walk func([]Field)
	walk = func(fields []Field) {
		for i := range fields {
			visit(&fields[i])
			walk(fields[i].Fields)
		}
	}
	for i := range d.Sections {
		walk(d.Sections[i].Fields)
	}
}

// Field finds a field at the top of the form.
func (d *Definition) Field(key string) (*Field, bool) {
	for i := range d.Sections {
		for j := range d.Sections[i].Fields {
			if f := &d.Sections[i].Fields[j]; f.Key == key {
				return f, true
			}
		}
	}
	return nil, false
}

// Count is how many questions the form has.
func (d *Definition) Count() (n int) {
	for _, s := range d.Sections {
		n += len(s.Fields)
	}
	return n
}

// CodeLists names the lists that the form needs.
func (d *Definition) CodeLists() []string {
	var names []string
	d.each(func(f *Field) {
		if name := f.listName(); name != "" {
			names = append(names, name)
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// many says that an answer is an array of codes or uploads (repeats aside).
func (f *Field) many() bool {
	return f.Type == MultiSelect || f.Type == File || f.MaxItems > 0
}

func (f *Field) listName() string {
	if f.Type == Region {
		return codelist.Region
	}
	return f.CodeList
}

func (f *Field) hasSensitive() bool {
	return f.Sensitive != "" || slices.ContainsFunc(f.Fields, func(g Field) bool { return g.hasSensitive() })
}

// Split parts the answers into those that may lie in the database as they are
// and those that must be sealed. Companions go with their field.
func (d *Definition) Split(values map[string]any) (plain, sensitive map[string]any) {
	plain, sensitive = map[string]any{}, map[string]any{}
	for key, v := range values {
		f, ok := d.Field(strings.TrimSuffix(strings.TrimSuffix(key, detailSuffix), asPrintedSuffix))
		if ok && !f.hasSensitive() {
			plain[key] = v
			continue
		}
		sensitive[key] = v
	}
	return plain, sensitive
}

// Uploads lists the uploads that the answers name, by type of field.
func (d *Definition) Uploads(values map[string]any) (images, documents []string) {
	d.top(func(f *Field) {
		switch f.Type {
		case Image:
			if s, ok := values[f.Key].(string); ok && s != "" {
				images = append(images, s)
			}
		case File:
			list, _ := values[f.Key].([]any)
			for _, v := range list {
				if s, ok := v.(string); ok {
					documents = append(documents, s)
				}
			}
		default:
		}
	})
	return images, documents
}

func (d *Definition) top(visit func(*Field)) {
	for i := range d.Sections {
		for j := range d.Sections[i].Fields {
			visit(&d.Sections[i].Fields[j])
		}
	}
}
