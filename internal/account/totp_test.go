package account

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// CodeAt is what an authenticator app shows, for the tests of other files.
func CodeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := secretText.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return totp(key, stepAt(at))
}

// The test values of RFC 6238, appendix B, cut to six digits.
func TestTOTPIsRFC6238(t *testing.T) {
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := totp([]byte("12345678901234567890"), stepAt(time.Unix(at, 0))); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestAClockMayBeOneStepOff(t *testing.T) {
	secret, now := newSecret(), time.Unix(1_800_000_000, 0)
	for shift, right := range map[int]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		at := now.Add(time.Duration(shift) * totpStep)
		step, _ := matchTOTP(secret, CodeAt(t, secret, at), now, 0)
		if (step == stepAt(at)) != right {
			t.Errorf("%d steps off: step %d, want %v", shift, step, right)
		}
	}
	if step, used := matchTOTP(secret, CodeAt(t, secret, now), now, stepAt(now)); step != 0 || !used {
		t.Error("a step that was used counts again", step, used)
	}
}

func TestTheQRCodeNamesPlatformAndAccount(t *testing.T) {
	u, err := url.Parse(totpURL("zhang_san01", "ABCDEFGH"))
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/"+issuer+":zhang_san01" {
		t.Fatal(u, err)
	}
	if q := u.Query(); q.Get("secret") != "ABCDEFGH" || q.Get("issuer") != issuer {
		t.Error(q)
	}
}

func TestRecoveryCodesAreTypedAsPeopleType(t *testing.T) {
	code := newRecoveryCode()
	if len(code) != recoveryLength+1 || code[5] != '-' {
		t.Fatal(code)
	}
	if typed(" "+strings.ToLower(code[:5])+"　"+code[6:]) != typed(code) {
		t.Error("blanks and small letters make a difference")
	}
}

func TestDevicesInWords(t *testing.T) {
	const like = "Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) %s"
	for _, c := range []struct{ system, browser, want string }{
		{"Windows NT 10.0; Win64; x64", "Chrome/142.0.0.0 Safari/537.36", "Chrome 浏览器 · Windows"},
		{"Windows NT 10.0; Win64; x64", "Chrome/142.0.0.0 Safari/537.36 Edg/142.0", "Edge 浏览器 · Windows"},
		{"Linux; Android 15; PJD110", "Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome 浏览器 · 安卓"},
		{"iPhone; CPU iPhone OS 19_0 like Mac OS X", "Version/19.0 Mobile/15E148 Safari/604.1", "Safari 浏览器 · iPhone"},
		{"iPhone; CPU iPhone OS 19_0 like Mac OS X", "Mobile/15E148 MicroMessenger/8.0.60", "微信 · iPhone"},
		{"X11; Linux x86_64", "Chrome/142.0.0.0 Safari/537.36", "Chrome 浏览器 · Linux"},
	} {
		if got := device(fmt.Sprintf(like, c.system, c.browser)); got != c.want {
			t.Errorf("%s: %s, want %s", c.browser, got, c.want)
		}
	}
	if got := device("curl/8.0"); got != "其他设备" {
		t.Error(got)
	}
}
