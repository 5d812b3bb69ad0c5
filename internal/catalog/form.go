package catalog

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"smedx/internal/codelist"
)

// Form is what a publishing type asks: fields with labels, defaults and limits.
type Form struct {
	Kind    Kind    `json:"kind"`
	Label   string  `json:"label" yaml:"-"`
	About   string  `json:"about" doc:"What is offered under this type"`
	Section string  `json:"section" doc:"目录 that a new offering stands in"`
	Basics  []Field `json:"basics" doc:"基本信息, in the order of the form"`
	Cases   Cases   `json:"cases"`
	Contact []Field `json:"contact" yaml:"-" doc:"联系人信息"`
	Page    []Field `json:"page" yaml:"-" doc:"介绍页"`
	Plans   int     `json:"plans" doc:"Most plans (规格)"`
	Empty   Content `json:"empty" yaml:"-" doc:"What a new offering begins with"`
}

// Cases is what is asked of the case studies.
type Cases struct {
	Min    int     `json:"min" doc:"How many must be complete; the others may stay empty"`
	Note   string  `json:"note"`
	Fields []Field `json:"fields" doc:"Of one case; pointers count from it"`
}

// Field is one field of a form.
type Field struct {
	At          string    `json:"at" doc:"JSON pointer into the content, or into the case"`
	Label       string    `json:"label"`
	Type        FieldType `json:"type" enum:"text,long,mail,phone,hotline,number,wan,months,code,codes,rows,check,file,files,rich,lines"`
	List        string    `json:"list,omitempty" doc:"Code list of a choice"`
	Required    bool      `json:"required,omitempty"`
	Max         int       `json:"max,omitempty" doc:"Characters of a text, entries of a list, highest number"`
	Each        int       `json:"each,omitempty" doc:"Characters of each entry"`
	Unit        string    `json:"unit,omitempty"`
	Help        string    `json:"help,omitempty"`
	Placeholder string    `json:"placeholder,omitempty"`
	When        string    `json:"when,omitempty" doc:"Asked only when this box is ticked"`
	Purpose     string    `json:"purpose,omitempty" doc:"Of an upload"`
	Accept      string    `json:"accept,omitempty" doc:"Endings that an upload may have, parted by commas"`
	MB          int       `json:"megabytes,omitempty" doc:"Most that an upload may have"`
	Page        bool      `json:"page,omitempty" doc:"Of a case: part of the introduction page"`
}

// FieldType says how a field is filled in and judged.
type FieldType string

// The types.
const (
	typeText    FieldType = "text"
	typeLong    FieldType = "long"
	typeMail    FieldType = "mail"
	typePhone   FieldType = "phone"
	typeHotline FieldType = "hotline"
	typeNumber  FieldType = "number"
	typeWan     FieldType = "wan"
	typeMonths  FieldType = "months"
	typeCode    FieldType = "code"
	typeCodes   FieldType = "codes"
	typeRows    FieldType = "rows"
	typeCheck   FieldType = "check"
	typeFile    FieldType = "file"
	typeFiles   FieldType = "files"
	typeRich    FieldType = "rich"
	typeLines   FieldType = "lines"
)

// ownFields is where the fields stand that only some types have.
const ownFields = "/own/"

// own is the name of a field that only this type has.
func (f Field) own() (name string, ok bool) { return strings.CutPrefix(f.At, ownFields) }

//go:embed forms.yaml
var formsFile []byte

var forms = func() []Form {
	var in struct {
		Shared struct{ Contact, Page []Field }
		Types  []Form
	}
	d := yaml.NewDecoder(bytes.NewReader(formsFile))
	d.KnownFields(true)
	if err := d.Decode(&in); err != nil {
		panic(fmt.Errorf("forms.yaml: %w", err))
	}
	for i := range in.Types {
		f := &in.Types[i]
		f.Contact, f.Page, f.Label = in.Shared.Contact, in.Shared.Page, codelist.Label("publish_type", string(f.Kind))
		f.Empty = emptyContent(*f)
	}
	return in.Types
}()

// Forms lists what each publishing type asks, in the order of the choice.
func Forms() []Form { return slices.Clone(forms) }

// formOf finds the form of a publishing type.
func formOf(kind Kind) (Form, bool) {
	i := slices.IndexFunc(forms, func(f Form) bool { return f.Kind == kind })
	if i < 0 {
		return Form{}, false
	}
	return forms[i], true
}

// ownOnly keeps the answers to fields that the form has of its own.
func (f Form) ownOnly(given map[string][]string) map[string][]string {
	out := map[string][]string{}
	for _, field := range f.Basics {
		name, own := field.own()
		if !own {
			continue
		}
		values := nonEmpty(given[name])
		if field.Type == typeCodes || field.Type == typeRows {
			values = unique(values)
		}
		if len(values) > 0 {
			out[name] = values
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// ownField finds a field that only one type has.
func ownField(name string) Field {
	for _, f := range forms {
		for _, field := range f.Basics {
			if field.At == ownFields+name {
				return field
			}
		}
	}
	return Field{At: ownFields + name, Label: name}
}

// words are the answers to a field as people read them.
func (f Field) words(values []string) string {
	out := slices.Clone(values)
	if f.List != "" {
		for i, code := range out {
			out[i] = codelist.Label(f.List, code)
		}
	}
	return strings.Join(out, "、")
}

// Fact is an answer to a field that only some types have, in words.
type Fact struct {
	Label string `json:"label"`
	Text  string `json:"text"`
}

// Facts are the answers that only this type asks, as buyers read them.
func Facts(kind Kind, c Content) []Fact {
	out := []Fact{}
	f, _ := formOf(kind)
	for _, field := range f.Basics {
		name, own := field.own()
		if !own || len(c.Own[name]) == 0 {
			continue
		}
		out = append(out, Fact{field.Label, field.words(c.Own[name])})
	}
	return out
}
