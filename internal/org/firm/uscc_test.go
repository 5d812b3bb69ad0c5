package firm

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckUSCC(t *testing.T) {
	valid := `91990100972281863J 91990203CP50L23D3J 92990305L8P3MR1946 93990406AEMA1Y1Q0K 5299050781FTUQJ79R
		129906086TWPFJ3P87 919901005568002140 91990100137813993Y 9199010016590143X3 91990100123456788H`
	for code := range strings.FieldsSeq(valid) {
		if err := CheckUSCC(code); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, c := range []struct {
		code string
		want error
	}{
		{"91990100123456788J", ErrUSCCCheck},
		{"91990100133456788H", ErrUSCCCheck},
		{"91990100124356788H", ErrUSCCCheck},
		{"91990100123456788", ErrUSCCForm},
		{"91990100123456788H0", ErrUSCCForm},
		{"91990100I23456788H", ErrUSCCForm},
		{"91A90100123456788H", ErrUSCCForm},
		{"９1990100123456788H", ErrUSCCForm},
		{"91990100123456788h", ErrUSCCForm},
		{"", ErrUSCCForm},
	} {
		if err := CheckUSCC(c.code); !errors.Is(err, c.want) {
			t.Errorf("%q: %v, want %v", c.code, err, c.want)
		}
	}
	for _, typed := range []string{" 91990100123456788h ", "９1990100123456788Ｈ"} {
		if err := CheckUSCC(NormalUSCC(typed)); err != nil {
			t.Errorf("%q after normalizing: %v", typed, err)
		}
	}
}

// One wrong character and two neighbors swapped are always found.
func TestUSCCFindsSingleErrors(t *testing.T) {
	const base = "91990100123456788H"
	for i := range base {
		for j := range usccAlphabet {
			if usccAlphabet[j] == base[i] {
				continue
			}
			if wrong := base[:i] + usccAlphabet[j:j+1] + base[i+1:]; CheckUSCC(wrong) == nil {
				t.Errorf("%s passes", wrong)
			}
		}
		if i > 0 && base[i] != base[i-1] {
			if wrong := base[:i-1] + base[i:i+1] + base[i-1:i] + base[i+1:]; CheckUSCC(wrong) == nil {
				t.Errorf("%s passes", wrong)
			}
		}
	}
}
