// Package form holds the company forms as data: the built-in version of each
// (data/*.yaml), the one validator that reads a form, and the rules by which an
// editor makes the next version. It stores neither forms nor answers.
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
	"regexp"
	"slices"
	"strings"

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
	LabelTemplate string          `json:"-" yaml:"label_template,omitempty"`
	Type          Type            `json:"type" yaml:"type" enum:"text,textarea,integer,decimal,money,percent,date,month,select,multiselect,cascade,region,phone,email,uscc,image,file,group"`
	Required      bool            `json:"required,omitempty" yaml:"required,omitempty"`
	Placeholder   string          `json:"placeholder,omitempty" yaml:"placeholder,omitempty"`
	Help          string          `json:"help,omitempty" yaml:"help,omitempty"`
	Unit          string          `json:"unit,omitempty" yaml:"unit,omitempty"`
	Decimals      int             `json:"decimals,omitempty" yaml:"decimals,omitempty" doc:"Decimals in the unit shown"`
	Min           string          `json:"min,omitempty" yaml:"min,omitempty" doc:"In the unit shown; a date; or today"`
	Max           string          `json:"max,omitempty" yaml:"max,omitempty"`
	MinLength     int             `json:"minLength,omitempty" yaml:"min_length,omitempty"`
	MaxLength     int             `json:"maxLength,omitempty" yaml:"max_length,omitempty"`
	Pattern       string          `json:"pattern,omitempty" yaml:"pattern,omitempty"`
	CodeList      string          `json:"codelist,omitempty" yaml:"codelist,omitempty"`
	Levels        int             `json:"levels,omitempty" yaml:"levels,omitempty" doc:"How deep to choose in a tree"`
	AnyLevel      bool            `json:"anyLevel,omitempty" yaml:"any_level,omitempty" doc:"A higher entry may be chosen as a whole"`
	Extra         []codelist.Item `json:"extra,omitempty" yaml:"extra,omitempty" doc:"Entries besides the code list"`
	MaxItems      int             `json:"maxItems,omitempty" yaml:"max_items,omitempty"`
	DetailAddress bool            `json:"detailAddress,omitempty" yaml:"detail_address,omitempty" doc:"With a text KEY_detail beside the region"`
	Accept        []string        `json:"accept,omitempty" yaml:"accept,omitempty"`
	MaxSizeMB     int             `json:"maxSizeMb,omitempty" yaml:"max_size_mb,omitempty"`
	Repeat        *Repeat         `json:"repeat,omitempty" yaml:"repeat,omitempty"`
	VisibleWhen   *Condition      `json:"visibleWhen,omitempty" yaml:"visible_when,omitempty"`
	RequiredWhen  *Condition      `json:"requiredWhen,omitempty" yaml:"required_when,omitempty"`
	AtMost        string          `json:"atMost,omitempty" yaml:"at_most,omitempty" doc:"Not above that field"`
	Equals        string          `json:"equals,omitempty" yaml:"equals,omitempty" doc:"The same as that field"`
	Advise        *Advise         `json:"-" yaml:"advise,omitempty"`
	Computed      *Computed       `json:"computed,omitempty" yaml:"computed,omitempty" doc:"Computed by the server, read only"`
	Sensitive     string          `json:"sensitive,omitempty" yaml:"sensitive,omitempty" enum:"personal,commercial,secret"`
	Fixed         bool            `json:"fixed,omitempty" yaml:"fixed,omitempty" doc:"Rules of the platform read it: an editor may word it, not change it"`
	Retired       bool            `json:"retired,omitempty" yaml:"retired,omitempty" doc:"Asked no longer; older submissions still answer it"`
	Fields        []Field         `json:"fields,omitempty" yaml:"fields,omitempty"`

	pattern *regexp.Regexp
}

// Repeat says that a field is asked several times.
type Repeat struct {
	Min   int    `json:"min" yaml:"min,omitempty"`
	Max   int    `json:"max" yaml:"max,omitempty"`
	Label string `json:"label,omitempty" yaml:"label,omitempty" doc:"{n} is the number of the instance"`
}

// Condition is about another field's answer.
type Condition struct {
	Field  string `json:"field" yaml:"field,omitempty"`
	Is     string `json:"is,omitempty" yaml:"is,omitempty"`
	Not    string `json:"not,omitempty" yaml:"not,omitempty" doc:"Answered, and not this"`
	Filled bool   `json:"filled,omitempty" yaml:"filled,omitempty"`
}

// Advise is a rule whose breach is told to the reviewer and refuses nothing.
type Advise struct {
	AtMost        string   `yaml:"at_most,omitempty"`
	AverageOf     []string `yaml:"average_of,omitempty"`
	WithinPercent int64    `yaml:"within_percent,omitempty"`
}

// Computed says from what the server computes a field.
type Computed struct {
	PercentOf []string `json:"percentOf,omitempty" yaml:"percent_of,omitempty" doc:"part, whole"`
	SizeOf    []string `json:"sizeOf,omitempty" yaml:"size_of,omitempty" doc:"industries, people, revenue, assets"`
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

// Asks says whether an answer of this key, or a companion of one, belongs to the form.
func (d *Definition) Asks(key string) bool {
	_, ok := d.Field(strings.TrimSuffix(strings.TrimSuffix(key, detailSuffix), asPrintedSuffix))
	return ok
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

// Upload is an upload that an answer names.
type Upload struct {
	Key  string // of the field
	Type Type   // Image or File
	ID   string
}

// Uploads lists the uploads that the answers name.
func (d *Definition) Uploads(values map[string]any) (all []Upload) {
	add := func(f *Field, v any) {
		if s, ok := v.(string); ok && s != "" {
			all = append(all, Upload{f.Key, f.Type, s})
		}
	}
	d.top(func(f *Field) {
		switch f.Type {
		case Image:
			add(f, values[f.Key])
		case File:
			list, _ := values[f.Key].([]any)
			for _, v := range list {
				add(f, v)
			}
		default:
		}
	})
	return all
}

func (d *Definition) top(visit func(*Field)) {
	for i := range d.Sections {
		for j := range d.Sections[i].Fields {
			visit(&d.Sections[i].Fields[j])
		}
	}
}

// Keys lists the keys of all fields at the top, retired ones too.
func (d *Definition) Keys() (keys []string) {
	d.top(func(f *Field) { keys = append(keys, f.Key) })
	return keys
}
