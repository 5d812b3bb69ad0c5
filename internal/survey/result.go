package survey

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/sheet"
)

// Tally is the count of one choice.
type Tally struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Count int64  `json:"count"`
}

// Result is what the answers to one question come to.
type Result struct {
	Key      string   `json:"key"`
	Type     Type     `json:"type" enum:"single,multiple,text,textarea,number,date,region,phone,rating,file"`
	Title    string   `json:"title"`
	Answered int64    `json:"answered"`
	Tallies  []Tally  `json:"tallies" doc:"single, multiple, rating: every choice; region: most frequent first"`
	Mean     *float64 `json:"mean,omitempty" doc:"number, rating"`
	Least    *float64 `json:"least,omitempty" doc:"number"`
	Most     *float64 `json:"most,omitempty" doc:"number"`
	Latest   []string `json:"latest" doc:"text, textarea: up to ten, newest first"`
}

// Results counts all answers of a survey by question. Contact data is left out.
func (s *Service) Results(ctx context.Context, surveyID id.ID) ([]Result, error) {
	v, err := find(ctx, s.db, surveyID)
	if err != nil {
		return nil, err
	}
	out := make([]Result, len(v.Questions))
	sums := make([]float64, len(v.Questions))
	for i, q := range v.Questions {
		out[i] = Result{Key: q.Key, Type: q.Type, Title: q.Title, Tallies: []Tally{}, Latest: []string{}}
		for _, o := range q.Options {
			out[i].Tallies = append(out[i].Tallies, Tally{Value: o.Value, Label: o.Label})
		}
		if q.Type == Rating {
			for n := int64(1); n <= *q.Max; n++ {
				out[i].Tallies = append(out[i].Tallies, Tally{Value: strconv.FormatInt(n, 10), Label: fmt.Sprintf("%d 分", n)})
			}
		}
	}
	err = s.each(ctx, surveyID, func(a Answer) error {
		for i, q := range v.Questions {
			if value, ok := a.Values[q.Key]; ok {
				out[i].add(q, value, &sums[i])
			}
		}
		return nil
	})
	for i, q := range v.Questions {
		if (q.Type == Number || q.Type == Rating) && out[i].Answered > 0 {
			mean := sums[i] / float64(out[i].Answered)
			out[i].Mean = &mean
		}
		if q.Type == Region {
			slices.SortStableFunc(out[i].Tallies, func(a, b Tally) int { return cmp.Compare(b.Count, a.Count) })
		}
		slices.Reverse(out[i].Latest)
	}
	return out, err
}

func (r *Result) add(q Question, value any, sum *float64) {
	r.Answered++
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			r.tally(fmt.Sprint(one), "")
		}
	case float64:
		*sum += v
		if q.Type == Rating {
			r.tally(strconv.FormatFloat(v, 'f', 0, 64), "")
			return
		}
		if r.Least == nil || v < *r.Least {
			r.Least = &v
		}
		if r.Most == nil || v > *r.Most {
			r.Most = &v
		}
	case map[string]any:
		if q.Type == Region {
			r.tally(fmt.Sprint(v["code"]), fmt.Sprint(v["name"]))
		}
	case string:
		switch {
		case q.Type == Single:
			r.tally(v, "")
		case q.Type == Textarea || q.Type == Text && q.Prefill == "":
			r.Latest = append(r.Latest, v)
			if len(r.Latest) > 10 {
				r.Latest = r.Latest[1:]
			}
		}
	}
}

// tally counts a value; with a label it may be a new one.
func (r *Result) tally(value, label string) {
	i := slices.IndexFunc(r.Tallies, func(t Tally) bool { return t.Value == value })
	switch {
	case i >= 0:
		r.Tallies[i].Count++
	case label != "":
		r.Tallies = append(r.Tallies, Tally{Value: value, Label: label, Count: 1})
	}
}

// Export writes all answers as an Excel file, one row each; the export is put
// on the trail.
func (s *Service) Export(ctx context.Context, who account.Principal, surveyID id.ID, w io.Writer) error {
	var v Survey
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if v, err = find(ctx, tx, surveyID); err != nil {
			return err
		}
		return trail(ctx, tx, who, "survey.export", surveyID, map[string]any{"answers": v.Count})
	})
	if err != nil {
		return err
	}
	head := []string{"提交时间", "是否登录填报"}
	for i, q := range v.Questions {
		head = append(head, fmt.Sprintf("%d. %s", i+1, q.Title))
	}
	out, err := sheet.New(w, v.Title, head...)
	if err != nil {
		return err
	}
	err = s.each(ctx, surveyID, func(a Answer) error {
		signed := "否"
		if a.OrgID != 0 {
			signed = "是"
		}
		row := []any{a.At.Local(), signed}
		for _, q := range v.Questions {
			row = append(row, q.print(a.Values[q.Key]))
		}
		return out.Row(row...)
	})
	if err != nil {
		return err
	}
	return out.Close()
}

// print is a stored value as people read it.
func (q Question) print(value any) any {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		if q.Type == Single {
			return q.label(v)
		}
		return v
	case []any:
		labels := make([]string, 0, len(v))
		for _, one := range v {
			labels = append(labels, q.label(fmt.Sprint(one)))
		}
		return strings.Join(labels, "；")
	case map[string]any:
		return fmt.Sprint(v["name"])
	}
	return value
}
