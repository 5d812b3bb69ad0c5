package account

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238; authenticator apps know no other reliably
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

// Time-based one-time passwords (RFC 6238) as every authenticator app knows them:
// SHA-1, six digits, a new one every 30 seconds. A clock may be one step off.
const (
	totpStep   = 30 * time.Second
	totpDrift  = 1
	totpDigits = 6
)

var secretText = base32.StdEncoding.WithPadding(base32.NoPadding)

// newSecret is 160 random bits, in the letters that people can type.
func newSecret() string {
	raw := make([]byte, sha1.Size)
	rand.Read(raw) //nolint:errcheck // never fails since Go 1.24
	return secretText.EncodeToString(raw)
}

func stepAt(t time.Time) int64 { return t.Unix() / int64(totpStep/time.Second) }

// totp is the code of one time step.
func totp(secret []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step)) //nolint:gosec // a time
	m := hmac.New(sha1.New, secret)
	m.Write(counter[:])
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000)
}

// matchTOTP finds the time step whose code was typed, near now and after the
// step that was used last. used tells that the code was right, but once before.
func matchTOTP(secret, code string, now time.Time, last int64) (step int64, used bool) {
	key, err := secretText.DecodeString(secret)
	if err != nil {
		return 0, false
	}
	for s := stepAt(now) - totpDrift; s <= stepAt(now)+totpDrift; s++ {
		if subtle.ConstantTimeCompare([]byte(totp(key, s)), []byte(code)) != 1 {
			continue
		}
		if s > last {
			return s, false
		}
		used = true
	}
	return 0, used
}

// issuer is how authenticator apps name the platform.
const issuer = "数字化转型平台"

// totpURL is what the QR code of an enrolment says.
func totpURL(username, secret string) string {
	q := url.Values{"secret": {secret}, "issuer": {issuer}}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+username) + "?" + q.Encode()
}
