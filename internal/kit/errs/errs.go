// Package errs holds the one error type that may cross a module border.
//
// A refusal has a kind and a stable code; everything else is a fault, is logged
// and never shown. Texts for people live in the message file of httpapi.
package errs

import (
	"errors"
	"fmt"
	"sync"
)

// Kind decides the HTTP status and whether the code may reach a user.
type Kind uint8

// The kinds of refusal. The zero value is Internal: anything nobody foresaw.
const (
	Internal    Kind = iota
	Invalid          // 422: what was sent breaks a rule, by field where possible
	BadRequest       // 400: the request itself is not well formed
	Unsigned         // 401: nobody is signed in
	Forbidden        // 403: signed in, but not allowed
	NotFound         // 404: not there, or not yours
	Conflict         // 409: the state does not allow it
	Gone             // 410: it was there, its time is over
	Stale            // 412: somebody changed it meanwhile
	TooLarge         // 413
	TooMany          // 429: asked too often; RetryAfter says when
	Unavailable      // 503: try again; RetryAfter says when
)

// Field is one refused input. Pointer is a JSON pointer into what was sent
// ("/profile/uscc"), Code a stable word, Params what the text may mention.
type Field struct {
	Pointer string
	Code    string
	Params  map[string]any
}

// Error is a refusal that the caller can act on.
type Error struct {
	Kind       Kind
	Code       string         // "voucher.sold_out"
	Fields     []Field        // for Invalid
	Params     map[string]any // what the text may mention
	State      string         // for Conflict: the state that refused
	RetryAfter int            // seconds, for TooMany and Unavailable
}

func (e *Error) Error() string {
	if len(e.Fields) > 0 {
		return fmt.Sprintf("%s %v", e.Code, e.Fields)
	}
	return e.Code
}

// Is lets errors.Is match a refusal by its code, so that a copy with
// parameters still equals the declared value.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// With returns a copy that carries a parameter for the text.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.Params = map[string]any{key: value}
	for k, v := range e.Params {
		c.Params[k] = v
	}
	return &c
}

// In returns a copy that names the state that refused.
func (e *Error) In(state string) *Error {
	c := *e
	c.State = state
	return &c
}

// After returns a copy that says in how many seconds to try again.
func (e *Error) After(seconds int) *Error {
	c := *e
	c.RetryAfter = seconds
	return &c
}

var (
	mu    sync.Mutex
	codes = map[string]Kind{}
)

// New declares a refusal. Call it for package variables; the code must have a
// text in the message file (a test compares them).
func New(k Kind, code string) *Error {
	mu.Lock()
	defer mu.Unlock()
	codes[code] = k
	return &Error{Kind: k, Code: code}
}

// Codes lists every declared code with its kind.
func Codes() map[string]Kind {
	mu.Lock()
	defer mu.Unlock()
	out := make(map[string]Kind, len(codes))
	for c, k := range codes {
		out[c] = k
	}
	return out
}

// Refusals that belong to no module.
var (
	ErrInvalid      = New(Invalid, "invalid_input")
	ErrNotFound     = New(NotFound, "not_found")
	ErrForbidden    = New(Forbidden, "forbidden")
	ErrUnsigned     = New(Unsigned, "unsigned")
	ErrInvalidState = New(Conflict, "invalid_state")
	ErrStale        = New(Stale, "version_conflict")
	ErrRateLimited  = New(TooMany, "rate_limited")
	ErrUnavailable  = New(Unavailable, "unavailable")
	ErrStorageFull  = New(Unavailable, "storage_full")
)

// Of finds the refusal inside err; every other error is Internal.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Internal, Code: "internal"}
}

// Wrap adds the operation's name and keeps the refusal visible to Of.
func Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", op, err)
}

// Fields collects refused inputs so that all are told at once.
type Fields []Field

// Add notes one refused input. params come in pairs: name, value.
func (f *Fields) Add(pointer, code string, params ...any) {
	field := Field{Pointer: pointer, Code: code}
	for i := 0; i+1 < len(params); i += 2 {
		if field.Params == nil {
			field.Params = map[string]any{}
		}
		field.Params[fmt.Sprint(params[i])] = params[i+1]
	}
	*f = append(*f, field)
}

// Err is nil when nothing was refused, else one Invalid refusal with all fields.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: ErrInvalid.Code, Fields: f}
}
