// Package survey owns demand surveys: questionnaires built from question types,
// answers of visitors and companies, counts and export. It knows nothing of the
// notices that carry a survey.
package survey

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Type of a question.
type Type string

// The types.
const (
	Single   Type = "single"   // one option
	Multiple Type = "multiple" // several options
	Text     Type = "text"     // one line
	Textarea Type = "textarea" // several lines
	Number   Type = "number"
	Date     Type = "date"
	Region   Type = "region" // province and city
	Phone    Type = "phone"
	Rating   Type = "rating" // 1 to Max
	File     Type = "file"
)

// Types lists every type.
var Types = []Type{Single, Multiple, Text, Textarea, Number, Date, Region, Phone, Rating, File}

// Prefill names what a signed-in company's profile offers for a question.
type Prefill string

// The offers.
const (
	PrefillCompany Prefill = "company_name"
	PrefillCity    Prefill = "city"
	PrefillContact Prefill = "contact"
	PrefillPhone   Prefill = "phone"
)

// Option is one choice.
type Option struct {
	Value string `json:"value" minLength:"1" maxLength:"40"`
	Label string `json:"label" minLength:"1" maxLength:"100"`
}

// Question is one question of a survey. Fields that its type does not use stay zero.
type Question struct {
	Key        string   `json:"key" minLength:"1" maxLength:"40" doc:"Names the answer; unique in the survey"`
	Type       Type     `json:"type" enum:"single,multiple,text,textarea,number,date,region,phone,rating,file"`
	Title      string   `json:"title" maxLength:"200"`
	Section    string   `json:"section,omitempty" maxLength:"40" doc:"Heading above it; questions of one section follow each other"`
	Help       string   `json:"help,omitempty" maxLength:"200"`
	Required   bool     `json:"required,omitempty"`
	Options    []Option `json:"options,omitempty" maxItems:"60" doc:"single, multiple"`
	Exclusive  string   `json:"exclusive,omitempty" maxLength:"40" doc:"multiple: the option that excludes the others"`
	MaxChoices int      `json:"maxChoices,omitempty" minimum:"0" maximum:"60" doc:"multiple: at most so many; 0 is no limit"`
	MaxLength  int      `json:"maxLength,omitempty" minimum:"0" maximum:"5000" doc:"text, textarea"`
	Min        *int64   `json:"min,omitempty" doc:"number"`
	Max        *int64   `json:"max,omitempty" doc:"number, rating"`
	Unit       string   `json:"unit,omitempty" maxLength:"10" doc:"number"`
	Low        string   `json:"low,omitempty" maxLength:"20" doc:"rating: what 1 means"`
	High       string   `json:"high,omitempty" maxLength:"20" doc:"rating: what the highest means"`
	Prefill    Prefill  `json:"prefill,omitempty" enum:"company_name,city,contact,phone" doc:"What the profile of a signed-in company offers"`
}

// Place is the answer to a region question: a city of six digits and its name.
type Place struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Upload is the answer to a file question.
type Upload struct {
	ID   id.ID  `json:"id"`
	Name string `json:"name"`
}

var keyPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// checkQuestions tells everything that is wrong with a questionnaire.
func checkQuestions(qs []Question, f *errs.Fields) {
	if len(qs) == 0 {
		f.Add("/questions", "field.required")
	}
	if len(qs) > 100 {
		f.Add("/questions", "survey.too_many_questions", "max", 100)
	}
	seen := map[string]bool{}
	for i := range qs {
		q := &qs[i]
		at := fmt.Sprintf("/questions/%d", i)
		q.Title, q.Section = strings.TrimSpace(q.Title), strings.TrimSpace(q.Section)
		if !keyPattern.MatchString(q.Key) || seen[q.Key] {
			f.Add(at+"/key", "survey.bad_key")
		}
		seen[q.Key] = true
		if q.Title == "" {
			f.Add(at+"/title", "field.required")
		}
		if !slices.Contains(Types, q.Type) {
			f.Add(at+"/type", "field.choice")
		}
		q.checkOptions(at, f)
		if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
			f.Add(at+"/max", "survey.max_below_min")
		}
		if q.Type == Rating && (q.Max == nil || *q.Max < 2 || *q.Max > 10) {
			f.Add(at+"/max", "field.out_of_range", "min", 2, "max", 10)
		}
	}
}

func (q *Question) checkOptions(at string, f *errs.Fields) {
	if q.Type != Single && q.Type != Multiple {
		q.Options, q.Exclusive, q.MaxChoices = nil, "", 0
		return
	}
	if len(q.Options) < 2 {
		f.Add(at+"/options", "survey.few_options")
	}
	values, labels := map[string]bool{}, map[string]bool{}
	for j := range q.Options {
		o := &q.Options[j]
		o.Value, o.Label = strings.TrimSpace(o.Value), strings.TrimSpace(o.Label)
		if o.Value == "" || o.Label == "" || values[o.Value] || labels[o.Label] {
			f.Add(fmt.Sprintf("%s/options/%d", at, j), "survey.bad_option")
		}
		values[o.Value], labels[o.Label] = true, true
	}
	if q.Exclusive != "" && !values[q.Exclusive] {
		f.Add(at+"/exclusive", "field.choice")
	}
}

// Answers are the values by question key: a string, a number, a list of
// options, a Place or an Upload, as the question's type says.
type Answers map[string]json.RawMessage

// checkAnswers reads what was sent against the questions. It tells all faults at
// once and returns only what the questions ask for.
func checkAnswers(qs []Question, in Answers, now time.Time) (map[string]any, error) {
	var f errs.Fields
	out := map[string]any{}
	for _, q := range qs {
		at := "/answers/" + q.Key
		raw, sent := in[q.Key]
		if !sent || len(raw) == 0 || string(raw) == "null" {
			if q.Required {
				f.Add(at, "field.required")
			}
			continue
		}
		v, ok := q.read(raw, at, &f, now)
		switch {
		case ok && v == nil && q.Required:
			f.Add(at, "field.required")
		case ok && v != nil:
			out[q.Key] = v
		}
	}
	for key := range in {
		if !slices.ContainsFunc(qs, func(q Question) bool { return q.Key == key }) {
			f.Add("/answers/"+key, "survey.unknown_question")
		}
	}
	return out, f.Err()
}

// read checks one value. A nil value with true means "left empty".
func (q Question) read(raw json.RawMessage, at string, f *errs.Fields, now time.Time) (any, bool) {
	before := len(*f)
	var v any
	switch q.Type {
	case Single:
		v = q.readOption(raw, at, f)
	case Multiple:
		v = q.readOptions(raw, at, f)
	case Text, Textarea, Phone, Date:
		v = q.readText(raw, at, f, now)
	case Number, Rating:
		v = q.readNumber(raw, at, f)
	case Region:
		v = readPlace(raw, at, f)
	case File:
		var u Upload
		if json.Unmarshal(raw, &u) != nil || u.ID == 0 || utf8.RuneCountInString(u.Name) > 120 {
			f.Add(at, "field.shape")
		} else {
			v = u
		}
	}
	return v, len(*f) == before
}

func (q Question) readOption(raw json.RawMessage, at string, f *errs.Fields) any {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		f.Add(at, "field.shape")
		return nil
	}
	if s == "" {
		return nil
	}
	if !q.has(s) {
		f.Add(at, "field.choice")
	}
	return s
}

func (q Question) readOptions(raw json.RawMessage, at string, f *errs.Fields) any {
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		f.Add(at, "field.shape")
		return nil
	}
	if len(list) == 0 {
		return nil
	}
	slices.Sort(list)
	list = slices.Compact(list)
	switch {
	case slices.ContainsFunc(list, func(s string) bool { return !q.has(s) }):
		f.Add(at, "field.choice")
	case q.Exclusive != "" && len(list) > 1 && slices.Contains(list, q.Exclusive):
		f.Add(at, "survey.exclusive", "option", q.label(q.Exclusive))
	case q.MaxChoices > 0 && len(list) > q.MaxChoices:
		f.Add(at, "survey.too_many_choices", "max", q.MaxChoices)
	}
	return list
}

var (
	phonePattern = regexp.MustCompile(`^1\d{10}$`)
	cityPattern  = regexp.MustCompile(`^[1-9]\d{5}$`)
)

func (q Question) readText(raw json.RawMessage, at string, f *errs.Fields, now time.Time) any {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		f.Add(at, "field.shape")
		return nil
	}
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	limit := q.MaxLength
	if limit == 0 {
		limit = 200
	}
	switch {
	case utf8.RuneCountInString(s) > limit:
		f.Add(at, "field.too_long", "max", limit)
	case q.Type == Phone && !phonePattern.MatchString(s):
		f.Add(at, "survey.bad_phone")
	case q.Type == Date:
		d, err := time.ParseInLocation(time.DateOnly, s, clock.Shanghai)
		if err != nil || d.Year() < 1900 || d.After(now.AddDate(20, 0, 0)) {
			f.Add(at, "survey.bad_date")
		}
	}
	return s
}

func (q Question) readNumber(raw json.RawMessage, at string, f *errs.Fields) any {
	var n float64
	if json.Unmarshal(raw, &n) != nil || n != n || n > 1e15 || n < -1e15 {
		f.Add(at, "field.shape")
		return nil
	}
	if q.Type == Rating {
		if n != float64(int64(n)) || n < 1 || n > float64(*q.Max) {
			f.Add(at, "field.out_of_range", "min", 1, "max", *q.Max)
		}
		return n
	}
	low, high := "-", "-"
	if q.Min != nil {
		low = fmt.Sprint(*q.Min)
	}
	if q.Max != nil {
		high = fmt.Sprint(*q.Max)
	}
	if q.Min != nil && n < float64(*q.Min) || q.Max != nil && n > float64(*q.Max) {
		f.Add(at, "field.out_of_range", "min", low, "max", high)
	}
	return n
}

func readPlace(raw json.RawMessage, at string, f *errs.Fields) any {
	var p Place
	if json.Unmarshal(raw, &p) != nil {
		f.Add(at, "field.shape")
		return nil
	}
	p.Name = strings.TrimSpace(p.Name)
	if p.Code == "" {
		return nil
	}
	if !cityPattern.MatchString(p.Code) || p.Name == "" || utf8.RuneCountInString(p.Name) > 60 {
		f.Add(at, "field.choice")
	}
	return p
}

func (q Question) has(value string) bool {
	return slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == value })
}

// label is an option's text; an option that is gone shows its value.
func (q Question) label(value string) string {
	for _, o := range q.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}
