package httpapi

import (
	"errors"
	"net/http"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"smedx/internal/kit/money"
)

// What a message says of money is read by people: yuan, with its thousands apart.
func TestAMessageSaysYuan(t *testing.T) {
	messages["test.sum"] = "余额 {left}，还差 {n} 张。"
	t.Cleanup(func() { delete(messages, "test.sum") })
	got := text("test.sum", map[string]any{"left": money.Fen(123_456_700), "n": 3})
	if want := "余额 1,234,567.00，还差 3 张。"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// A field that was left empty is asked for; one of another shape is told so; what
// was sent is not echoed.
func TestAnEmptyFieldIsAskedFor(t *testing.T) {
	err := shapeProblem(http.StatusUnprocessableEntity, "",
		&huma.ErrorDetail{Location: "body.plans[0].name", Value: " "}, &huma.ErrorDetail{Location: "body.quota", Value: "many"}, &huma.ErrorDetail{Location: "body.share", Value: 7})
	var p *Problem
	if !errors.As(err, &p) {
		t.Fatal(err)
	}
	want := []ProblemField{
		{Pointer: "/plans/0/name", Code: "field.required", Detail: messages["field.required"]},
		{Pointer: "/quota", Code: "field.shape", Detail: messages["field.shape"]},
		{Pointer: "/share", Code: "field.shape", Detail: messages["field.shape"]},
	}
	for i, f := range want {
		if i >= len(p.Errors) || p.Errors[i] != f {
			t.Fatalf("%+v, not %+v", p.Errors, want)
		}
	}
}
