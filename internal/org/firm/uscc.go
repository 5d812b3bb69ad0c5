// Package firm holds public standards about companies as pure rules: the unified
// social credit code (GB 32100-2015) and the size classes (工信部联企业〔2011〕300号).
package firm

import (
	"errors"
	"regexp"
	"strings"
)

// Why a credit code is refused.
var (
	ErrUSCCForm  = errors.New("uscc: wrong length or character")
	ErrUSCCCheck = errors.New("uscc: wrong check character")
)

const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY" // no I O S V Z

var (
	usccForm    = regexp.MustCompile(`^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$`)
	usccWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
)

// NormalUSCC trims, turns full-width characters into half-width ones and writes
// upper case, which is how codes are stored and compared.
func NormalUSCC(s string) string {
	return strings.ToUpper(HalfWidth(strings.TrimSpace(s)))
}

// CheckUSCC answers whether a normalized code is well formed and its check
// character right. Early pilot codes do not satisfy the check, so a wrong one may
// be let through on the word of the licence; a wrong form never.
func CheckUSCC(code string) error {
	if !usccForm.MatchString(code) {
		return ErrUSCCForm
	}
	sum := 0
	for i, w := range usccWeights {
		sum += strings.IndexByte(usccAlphabet, code[i]) * w
	}
	if usccAlphabet[(31-sum%31)%31] != code[17] {
		return ErrUSCCCheck
	}
	return nil
}

// HalfWidth turns full-width ASCII and the ideographic space into plain ASCII.
func HalfWidth(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '\u3000':
			return ' '
		}
		return r
	}, s)
}
