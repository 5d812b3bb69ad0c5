package clamd_test

import (
	"bytes"
	"net"
	"strings"
	"testing"

	"smedx/internal/kit/clamd"
	"smedx/internal/kit/clamd/clamdtest"
)

func TestContentOfAnyLengthIsJudged(t *testing.T) {
	s, err := clamd.At(clamdtest.Fake(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, before := range []int{0, 1, 64 << 10, 64<<10 - 40, 300_001} {
		clean := bytes.Repeat([]byte("a"), before)
		if found, err := s.Scan(t.Context(), bytes.NewReader(clean)); found != "" || err != nil {
			t.Errorf("%d clean bytes: %q %v", before, found, err)
		}
		if found, err := s.Scan(t.Context(), bytes.NewReader(append(clean, clamdtest.Eicar...))); found != "Eicar-Signature" || err != nil {
			t.Errorf("after %d bytes: %q %v", before, found, err)
		}
	}
}

// Whatever is not a verdict is an error: nothing passes because nobody looked.
func TestNoVerdictIsAnError(t *testing.T) {
	for name, says := range map[string]string{"nothing": "", "a limit": "INSTREAM size limit exceeded. ERROR\x00", "half": "stream: "} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if conn, err := l.Accept(); err == nil {
				_, _ = conn.Write([]byte(says)) //nolint:errcheck // a broken daemon
				_ = conn.Close()                //nolint:errcheck // so
			}
		}()
		s, _ := clamd.At("tcp:" + l.Addr().String()) //nolint:errcheck // the address is one
		if found, err := s.Scan(t.Context(), strings.NewReader("a")); err == nil {
			t.Errorf("a daemon that says %s finds %q", name, found)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if _, err := s.Scan(t.Context(), strings.NewReader("a")); err == nil {
			t.Error("nobody listens, and all is well")
		}
	}
	for _, where := range []string{"", "localhost:3310", "unix:clamd.ctl", "tcp:localhost", "http://x"} {
		if _, err := clamd.At(where); err == nil {
			t.Errorf("%q is an address", where)
		}
	}
}
