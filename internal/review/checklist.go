package review

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"smedx/internal/kit/errs"
)

// Check is one item of a check-list with what the decider found.
type Check struct {
	Code   string `json:"code" maxLength:"60"`
	Text   string `json:"text,omitempty" doc:"The item as it read when it was checked"`
	OK     bool   `json:"ok"`
	Remark string `json:"remark,omitempty" maxLength:"300" doc:"What is wrong; needed for an item that is not ok"`
}

//go:embed checklists.yaml
var checklistsFile []byte

// checklists is every item, in the order of the pages.
var checklists = func() (items []struct {
	Kind    Kind
	Stage   Stage
	Variant string
	Code    string
	Text    string
},
) {
	if err := yaml.Unmarshal(checklistsFile, &items); err != nil {
		panic("review: checklists.yaml: " + err.Error())
	}
	return items
}()

// Checklist is what has to be checked at the stage at work; the items stand as not ok.
func (c Case) Checklist() []Check {
	out := []Check{}
	for _, item := range checklists {
		if item.Kind == c.Kind && item.Stage == c.Stage && (item.Variant == "" || item.Variant == c.Variant) {
			out = append(out, Check{Code: item.Code, Text: item.Text})
		}
	}
	return out
}

// Checked is the check-list with every item found in order.
func (c Case) Checked() []Check {
	out := c.Checklist()
	for i := range out {
		out[i].OK = true
	}
	return out
}

// checked compares the decider's findings with the check-list of the case, gives
// them its texts, and says by field what is wrong. An approval needs every item
// in order; whoever refuses may stop at what is not.
func (c Case) checked(a Action, found []Check) ([]Check, errs.Fields) {
	var f errs.Fields
	list := c.Checklist()
	said := map[string]Check{}
	for i, check := range found {
		at := "/checks/" + strconv.Itoa(i)
		check.Remark = strings.TrimSpace(check.Remark)
		known := slices.ContainsFunc(list, func(item Check) bool { return item.Code == check.Code })
		if _, twice := said[check.Code]; twice || !known {
			f.Add(at+"/code", "field.choice")
		}
		switch n := len([]rune(check.Remark)); {
		case n == 0 && !check.OK:
			f.Add(at+"/remark", "field.required")
		case n > remarkMax:
			f.Add(at+"/remark", "field.too_long", "max", remarkMax)
		}
		said[check.Code] = check
	}
	out := []Check{}
	for _, item := range list {
		check, ok := said[item.Code]
		if ok {
			check.Text = item.Text
			out = append(out, check)
		}
		if a == Approve && (!ok || !check.OK) && len(f) == 0 {
			f.Add("/checks", ErrUnchecked.Code)
		}
	}
	return out, f
}
