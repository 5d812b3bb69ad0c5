package account

import (
	"strings"
	"testing"
)

// T-AUTH-01, T-AUTH-02, T-AUTH-04: the printed rules at their limits; nothing of
// the person, forwards, backwards or in another case; nothing that everybody tries.
func TestCheckPassword(t *testing.T) {
	of := Identity{Username: "zhang_san01", Phone: "13800001234", Email: "zhangsan@example.com"}
	for _, c := range []struct{ password, want string }{
		{"Abcdef1!", ""},
		{"Abc1!", CodePasswordLength},
		{"Abcdefgh1!Abcdefgh1", CodePasswordLength},
		{"Abcdefgh1!Abcdefgh", ""},
		{"abcdefg1", CodePasswordClasses},
		{"ABCDEFG1", CodePasswordClasses},
		{"Abcdefg1", ""},
		{"abcdef1、", ""},
		{"abcd12~`", ""},
		{"Abcdef1 !", CodePasswordCharacter},
		{"Abcdef1(", ""},
		{`Abcdef1\`, ""},
		{"abcdef1(", CodePasswordClasses}, // a bracket is no class
		{"Zhang_San01!", CodePasswordUsername},
		{"x13800001234A!", CodePasswordPhone},
		{"ZhangSan#2024", CodePasswordEmail},
		{"old#Pass2024", ""},
		{"密码Abcdef1!", CodePasswordCharacter},
		{"Ａbcdef1!", CodePasswordCharacter},
		{"10NAS_gnahz!", CodePasswordUsername},
		{"A43210000831x!", CodePasswordPhone},
		{"Abcdef1\x00!", CodePasswordCharacter},
		{"Abcdef1😀", CodePasswordCharacter},
		{"Passw0rd!", CodePasswordCommon},
		{"Admin@123", CodePasswordCommon},
		{"Aa123456", CodePasswordCommon},
		{"P@ssw0rd", CodePasswordCommon},
		{"p@SSW0RD", CodePasswordCommon},
		{"Abcdef1\x7f", CodePasswordCharacter},
	} {
		if got := CheckPassword(c.password, of); got != c.want {
			t.Errorf("%q: %q, want %q", c.password, got, c.want)
		}
	}
	for _, r := range Special {
		if got := CheckPassword("abcxyz12"+string(r), Identity{}); got != "" {
			t.Errorf("%q is not special: %s", r, got)
		}
	}
	if n := len([]rune(Special)); n != 23 {
		t.Errorf("%d special characters", n)
	}
}

func TestCommonPasswordsSatisfyTheOtherRules(t *testing.T) {
	if n := len(common()); n < 200 {
		t.Errorf("only %d", n)
	}
	for p := range common() {
		if n := len(p); n < passwordMin || n > passwordMax || strings.ContainsAny(p, " ") {
			t.Errorf("%q is refused anyway", p)
		}
	}
}

func TestNormalForms(t *testing.T) {
	for in, want := range map[string]string{
		"13800001234": "13800001234", "138 0000 1234": "13800001234", "+8613800001234": "13800001234",
		"0086 138 0000 1234": "13800001234", "86-13800001234": "13800001234", "(+86)13800001234": "13800001234",
		"１３８００００１２３４": "13800001234", "138-0000-1234": "13800001234", "23800001234": "23800001234",
	} {
		if got := NormalPhone(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	for in, ok := range map[string]bool{
		"13800001234": true, "12800001234": true, "23800001234": false, "1380000123": false, "138000012345": false,
	} {
		if phoneForm.MatchString(in) != ok {
			t.Errorf("phone %q", in)
		}
	}
	for in, ok := range map[string]bool{
		"abc_12": true, "abc12": false, strings.Repeat("a", 30): true, strings.Repeat("a", 31): false, "abc-123": false,
		"张三abc123": false, "______": true,
	} {
		if usernameForm.MatchString(in) != ok {
			t.Errorf("user name %q", in)
		}
	}
	if UsernameKey(" Abc_12 ") != UsernameKey("aBC_12") {
		t.Error("case makes another user")
	}
	for range 50 {
		if got := CheckPassword(OneTimePassword(), Identity{}); got != "" {
			t.Error("a first password breaks the rules:", got)
		}
	}
	if got := MaskPhone("13800001234"); got != "138****1234" {
		t.Error(got)
	}
}
