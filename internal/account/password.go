package account

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"smedx/internal/kit/errs"
)

// Refusals of a password, in the order of the guides' rules.
const (
	CodePasswordLength    = "account.password_length"
	CodePasswordCharacter = "account.password_character"
	CodePasswordClasses   = "account.password_classes"
	CodePasswordUsername  = "account.password_has_username"
	CodePasswordPhone     = "account.password_has_phone"
	CodePasswordEmail     = "account.password_has_email"
	CodePasswordCommon    = "account.password_common"
	CodePasswordCurrent   = "account.password_same_as_current"
	CodePasswordHistory   = "account.password_used_before"
	CodePasswordConfirm   = "account.password_confirm"
	CodePasswordWrong     = "account.password_wrong"
	CodePasswordOfOther   = "account.continue_password" // the name exists, with another password
)

// Special are the characters that count as special. Other printable ASCII is
// accepted and counts as no class.
const Special = "~!#$%&+,-.*:;<=>@_?^、`/"

const (
	passwordMin = 8
	passwordMax = 18
	historySize = 5 // former passwords that may not come back
	minClasses  = 3
)

// Identity is what a password must not contain.
type Identity struct {
	Username, Phone, Email string
}

// CheckPassword answers which rule a password breaks; "" when none. That it
// differs from former ones needs their hashes and is asked elsewhere.
func CheckPassword(password string, of Identity) string {
	n := utf8.RuneCountInString(password)
	if n < passwordMin || n > passwordMax {
		return CodePasswordLength
	}
	var digit, upper, lower, special bool
	for _, r := range password {
		switch {
		case strings.ContainsRune(Special, r):
			special = true
		case r <= ' ' || r > '~':
			return CodePasswordCharacter
		case r >= '0' && r <= '9':
			digit = true
		case r >= 'A' && r <= 'Z':
			upper = true
		case r >= 'a' && r <= 'z':
			lower = true
		}
	}
	if count(digit, upper, lower, special) < minClasses {
		return CodePasswordClasses
	}
	lowered := strings.ToLower(password)
	mailbox, _, _ := strings.Cut(strings.ToLower(of.Email), "@")
	switch {
	case holds(lowered, UsernameKey(of.Username)):
		return CodePasswordUsername
	case holds(lowered, of.Phone):
		return CodePasswordPhone
	case len(mailbox) >= 4 && strings.Contains(lowered, mailbox):
		return CodePasswordEmail
	case common()[lowered]:
		return CodePasswordCommon
	}
	return ""
}

// holds reports whether a text contains a part, forwards or backwards.
func holds(text, part string) bool {
	backwards := []rune(part)
	slices.Reverse(backwards)
	return part != "" && (strings.Contains(text, part) || strings.Contains(text, string(backwards)))
}

func count(conditions ...bool) (n int) {
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n
}

//go:embed common_passwords.txt
var commonFile string

// common are passwords that satisfy every other rule and that everybody tries
// first, in lower case.
var common = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(commonFile) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "# ") {
			m[strings.ToLower(line)] = true
		}
	}
	return m
})

// checkNewPassword adds what is wrong with a new password and its repetition.
func checkNewPassword(password, confirm string, of Identity, refused *errs.Fields, pointers ...string) {
	at, again := "/password", "/passwordConfirm"
	if len(pointers) == 2 {
		at, again = pointers[0], pointers[1]
	}
	if password == "" {
		refused.Add(at, "field.required")
		return
	}
	if code := CheckPassword(password, of); code != "" {
		refused.Add(at, code)
	}
	if password != confirm {
		refused.Add(again, CodePasswordConfirm)
	}
}
