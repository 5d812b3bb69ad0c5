// Package expert owns the roster: experts that providers nominate, those the
// platform brings in, who is admitted to the committee, and who may sit on which
// panel. It does not own their accounts nor what they say on a panel.
package expert

import (
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Status is how an expert stands.
type Status string

// The states.
const (
	Nominated Status = "nominated" // 待入库
	Admitted  Status = "admitted"  // 已入库
	Declined  Status = "declined"  // 未通过
	Suspended Status = "suspended" // 已停用
)

// Statuses lists every state.
var Statuses = []Status{Nominated, Admitted, Declined, Suspended}

// Action moves an expert.
type Action string

// The acts. Edit and Remove belong to who nominated, the others to the operator.
const (
	Edit    Action = "edit"
	Remove  Action = "remove"
	Admit   Action = "admit"
	Decline Action = "decline"
	Suspend Action = "suspend"
	Resume  Action = "resume"
	Leave   Action = "leave" // 请假: not drawn for a time; the account stays open
)

// Actions lists every act.
var Actions = []Action{Edit, Remove, Admit, Decline, Suspend, Resume, Leave}

// moves is the whole state machine. A changed entry is looked at again.
var moves = map[Status]map[Action]Status{
	Nominated: {Edit: Nominated, Remove: Nominated, Admit: Admitted, Decline: Declined},
	Declined:  {Edit: Nominated, Remove: Declined},
	Admitted:  {Suspend: Suspended, Leave: Admitted},
	Suspended: {Resume: Admitted},
}

// Next is the only function that knows where an act leads.
func (s Status) Next(a Action) (Status, error) {
	if to, ok := moves[s][a]; ok {
		return to, nil
	}
	return "", errs.ErrInvalidState.In(string(s))
}

// Entry is what 专家录入 asks for.
type Entry struct {
	Name           string `json:"name" doc:"姓名, at most 30 characters"`
	Age            int64  `json:"age" doc:"年龄, in years"`
	Gender         string `json:"gender" doc:"性别: m or f"`
	IIoTField      string `json:"iiotField" doc:"工业互联网专业领域"`
	IndustryField  string `json:"industryField" doc:"工业行业领域"`
	OperationField string `json:"operationField" doc:"工业运行领域"`
	IIoTYears      int64  `json:"iiotYears" doc:"工业互联网服务年限"`
	IndustryYears  int64  `json:"industryYears" doc:"工业领域服务年限"`
	Achievements   string `json:"achievements" doc:"经验与业绩, at most 200 characters"`
	Position       string `json:"position,omitempty" doc:"职务"`
	Education      string `json:"education,omitempty" doc:"学历"`
	Photo          id.ID  `json:"photo" doc:"照片"`
	Bio            string `json:"bio" doc:"专家介绍"`
}

// Expert is one person of the roster.
type Expert struct {
	Entry

	ID         id.ID
	OrgID      id.ID
	UserID     id.ID
	Status     Status
	Reason     string // code beside the note
	Note       string
	Employer   string // where the expert works; named at the admission
	Username   string // of the account
	Phone      string
	LeaveFrom  clock.Instant
	LeaveUntil clock.Instant // exclusive
	Version    int64
	CreatedAt  clock.Instant
}

func (e *Entry) trim() {
	for _, s := range []*string{&e.Name, &e.IIoTField, &e.IndustryField, &e.OperationField, &e.Achievements, &e.Position, &e.Education, &e.Bio} {
		*s = strings.TrimSpace(*s)
	}
}

// Check names every field that is not right.
func (e Entry) Check() errs.Fields {
	var f errs.Fields
	text := func(pointer, s string, limit int, required bool) {
		switch n := utf8.RuneCountInString(s); {
		case n == 0 && required:
			f.Add(pointer, "field.required")
		case n > limit:
			f.Add(pointer, "field.too_long", "max", limit)
		}
	}
	number := func(pointer string, n, none, low, high int64) {
		switch {
		case n == none:
			f.Add(pointer, "field.required")
		case n < low || n > high:
			f.Add(pointer, "field.out_of_range", "min", low, "max", high)
		}
	}
	text("/name", e.Name, 30, true)
	number("/age", e.Age, 0, 18, 100)
	if e.Gender != "m" && e.Gender != "f" {
		f.Add("/gender", "field.required")
	}
	text("/iiotField", e.IIoTField, 100, true)
	text("/industryField", e.IndustryField, 100, true)
	text("/operationField", e.OperationField, 100, true)
	number("/iiotYears", e.IIoTYears, -1, 0, 80) // 0 years are an answer
	number("/industryYears", e.IndustryYears, -1, 0, 80)
	text("/achievements", e.Achievements, 200, true)
	text("/position", e.Position, 100, false)
	text("/education", e.Education, 100, false)
	if e.Photo == 0 {
		f.Add("/photo", "field.required")
	}
	text("/bio", e.Bio, 1000, true)
	return f
}

// row is the table; what names a person is sealed.
type row struct {
	bun.BaseModel `bun:"table:experts"`

	ID             id.ID `bun:",pk"`
	OrgID          id.ID
	UserID         id.ID
	Status         Status
	Personal       string
	PhoneIndex     string
	IIoTField      string `bun:"iiot_field"`
	IndustryField  string
	OperationField string
	IIoTYears      int64 `bun:"iiot_years"`
	IndustryYears  int64
	Achievements   string
	Position       string
	PhotoFile      id.ID
	Bio            string
	Reason         string
	Note           string
	LeaveFrom      clock.Instant
	LeaveUntil     clock.Instant
	Version        int64
	CreatedBy      id.ID
	CreatedAt      clock.Instant
	UpdatedAt      clock.Instant
}

// personal is the sealed part.
type personal struct {
	Name      string `json:"name"`
	Age       int64  `json:"age"`
	Gender    string `json:"gender"`
	Education string `json:"education"`
	Phone     string `json:"phone,omitempty"`
	Employer  string `json:"employer,omitempty"`
}
