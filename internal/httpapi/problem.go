package httpapi

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"go.yaml.in/yaml/v3"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/money"
)

//go:embed messages.zh.yaml
var messagesFile []byte

// messages are the Chinese texts of all codes; {name} is filled from parameters.
var messages = func() map[string]string {
	m := map[string]string{}
	if err := yaml.Unmarshal(messagesFile, &m); err != nil {
		panic(err)
	}
	return m
}()

var statusOf = map[errs.Kind]int{
	errs.Internal:    http.StatusInternalServerError,
	errs.Invalid:     http.StatusUnprocessableEntity,
	errs.BadRequest:  http.StatusBadRequest,
	errs.Unsigned:    http.StatusUnauthorized,
	errs.Forbidden:   http.StatusForbidden,
	errs.NotFound:    http.StatusNotFound,
	errs.Conflict:    http.StatusConflict,
	errs.Gone:        http.StatusGone,
	errs.Stale:       http.StatusPreconditionFailed,
	errs.TooLarge:    http.StatusRequestEntityTooLarge,
	errs.TooMany:     http.StatusTooManyRequests,
	errs.Unavailable: http.StatusServiceUnavailable,
}

// clientGone is the status in the log of a request that nobody waited for.
const clientGone = 499

// Problem is every error answer (RFC 9457). Pages switch on Code; Detail is for people.
type Problem struct {
	Status    int            `json:"status" doc:"HTTP status"`
	Code      string         `json:"code" doc:"Stable code, module.words" example:"voucher.sold_out"`
	Detail    string         `json:"detail" doc:"What happened and what to do, in Chinese"`
	State     string         `json:"state,omitempty" doc:"The state that refused, with status 409"`
	RequestID string         `json:"requestId,omitempty"`
	Errors    []ProblemField `json:"errors,omitempty" doc:"Every refused field"`

	retryAfter int
}

// ProblemField is one refused field.
type ProblemField struct {
	Pointer string `json:"pointer" doc:"JSON pointer into the request" example:"/username"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

func (p *Problem) Error() string { return p.Code }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma's content type filter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problemOf is the only place that turns an error into an answer. What an
// internal error says goes to the log and nowhere else.
func problemOf(ctx context.Context, err error) *Problem {
	e := errs.Of(err)
	p := &Problem{
		Status: statusOf[e.Kind], Code: e.Code, Detail: text(e.Code, e.Params), State: e.State,
		RequestID: requestID(ctx), retryAfter: e.RetryAfter,
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, ProblemField{Pointer: f.Pointer, Code: f.Code, Detail: text(f.Code, f.Params)})
	}
	switch {
	case e.Kind != errs.Internal:
	case db.IsCanceled(ctx, err): // nobody reads the answer, and nothing failed
		p.Status = clientGone
	default:
		slog.ErrorContext(ctx, "request failed", "error", err, "request", p.RequestID)
	}
	return p
}

func text(code string, params map[string]any) string {
	t, ok := messages[code]
	if !ok {
		t = messages["internal"]
	}
	for k, v := range params {
		if amount, ok := v.(money.Fen); ok {
			v = amount.Grouped()
		}
		t = strings.ReplaceAll(t, "{"+k+"}", fmt.Sprint(v))
	}
	return t
}

// write answers outside the API library (middleware, unknown paths).
func (p *Problem) write(w http.ResponseWriter) {
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) //nolint:errcheck // the client has gone
}

// toHuma lets the library write the answer, with Retry-After when there is one.
func (p *Problem) toHuma() error {
	if p.retryAfter == 0 {
		return p
	}
	return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {strconv.Itoa(p.retryAfter)}})
}

// shapeProblem replaces the library's own errors (a request that does not have
// the contract's shape). It never echoes what was sent.
func shapeProblem(status int, _ string, details ...error) huma.StatusError {
	p := &Problem{Status: status, Code: "internal"}
	switch {
	case status == http.StatusUnprocessableEntity:
		p.Code = errs.ErrInvalid.Code
	case status == http.StatusRequestEntityTooLarge:
		p.Code = "request.too_large"
	case status == http.StatusNotFound:
		p.Code = errs.ErrNotFound.Code
	case status < 500:
		p.Code = "request.malformed"
	}
	p.Detail = text(p.Code, nil)
	for _, d := range details {
		var e *huma.ErrorDetail
		if det, ok := d.(huma.ErrorDetailer); ok {
			e = det.ErrorDetail()
		}
		if e != nil {
			code := "field.shape"
			if left, ok := e.Value.(string); ok && strings.TrimSpace(left) == "" {
				code = "field.required" // a field of a form that was left empty
			}
			p.Errors = append(p.Errors, ProblemField{Pointer: pointer(e.Location), Code: code, Detail: text(code, nil)})
		}
	}
	return p
}

// pointer turns "body.plans[0].name" into "/plans/0/name".
func pointer(location string) string {
	location = strings.TrimPrefix(strings.TrimPrefix(location, "body"), ".")
	location = strings.NewReplacer("[", ".", "]", "").Replace(location)
	if location == "" {
		return ""
	}
	return "/" + strings.ReplaceAll(location, ".", "/")
}
