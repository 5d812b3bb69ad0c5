package notify

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"
)

// mailServer is a small SMTP server: it speaks STARTTLS and AUTH PLAIN and keeps
// what it was sent.
type mailServer struct {
	listener net.Listener
	secure   *tls.Config
	fromTLS  bool   // TLS from the first byte
	refuse   string // answer to RCPT; "" takes the mail
	said     chan []string
}

func newMailServer(t *testing.T, fromTLS bool, refuse string) (*mailServer, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trusted.AddCert(parsed)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &mailServer{
		listener: l, fromTLS: fromTLS, refuse: refuse, said: make(chan []string, 1),
		secure: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
	}
	go s.serve()
	return s, &tls.Config{RootCAs: trusted}
}

func (s *mailServer) serve() {
	conn, err := s.listener.Accept()
	if err != nil {
		return
	}
	if s.fromTLS {
		conn = tls.Server(conn, s.secure)
	}
	defer func() { _ = conn.Close() }()
	var heard []string
	defer func() { s.said <- heard }()
	lines := bufio.NewScanner(conn)
	say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
	say("220 test")
	for lines.Scan() {
		line := lines.Text()
		heard = append(heard, line)
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch verb {
		case "EHLO":
			say("250-test")
			if _, done := conn.(*tls.Conn); !done {
				say("250-STARTTLS")
			}
			say("250 AUTH PLAIN")
		case "STARTTLS":
			say("220 go")
			conn = tls.Server(conn, s.secure)
			lines = bufio.NewScanner(conn)
		case "AUTH":
			say("235 ok")
		case "RCPT":
			if s.refuse != "" {
				say(s.refuse)
				return
			}
			say("250 ok")
		case "DATA":
			say("354 go")
			for lines.Scan() && lines.Text() != "." {
				heard = append(heard, lines.Text())
			}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func outgoing() Outgoing {
	return Outgoing{ID: 7, Channel: Mail, Recipient: "li@example.cn", Subject: "审批通过：智能排产", Text: "您提交的申请审批通过。", CreatedAt: 1_800_000_000_000}
}

func TestMailIsSentOverTLSAfterSigningIn(t *testing.T) {
	for mode, fromTLS := range map[string]bool{"starttls": false, "tls": true} {
		t.Run(mode, func(t *testing.T) {
			server, trust := newMailServer(t, fromTLS, "")
			s := SMTP{Addr: server.listener.Addr().String(), From: "平台 <no-reply@example.cn>", Username: "u", Password: "p", Mode: mode, TLS: trust}
			if err := s.Send(t.Context(), outgoing()); err != nil {
				t.Fatal(err)
			}
			heard := strings.Join(<-server.said, "\n")
			for _, want := range []string{"AUTH PLAIN ", "MAIL FROM:<no-reply@example.cn>", "RCPT TO:<li@example.cn>", "Subject: =?utf-8?b?", "Message-ID: <7@example.cn>"} {
				if !strings.Contains(heard, want) {
					t.Errorf("the server did not hear %q in\n%s", want, heard)
				}
			}
		})
	}
}

func TestMailDoesNotGoOutWithoutTheTLSThatWasAskedFor(t *testing.T) {
	server, _ := newMailServer(t, false, "")
	s := SMTP{Addr: server.listener.Addr().String(), From: "a@example.cn", Mode: "starttls"} // does not trust the server
	if err := s.Send(t.Context(), outgoing()); err == nil {
		t.Error("sent to a server whose certificate nobody vouches for")
	}
}

func TestMailThatTheServerRefusesIsNotTriedAgain(t *testing.T) {
	for answer, forGood := range map[string]bool{"550 no such box": true, "450 busy": false} {
		server, trust := newMailServer(t, false, answer)
		s := SMTP{Addr: server.listener.Addr().String(), From: "a@example.cn", Mode: "starttls", TLS: trust}
		if err := s.Send(t.Context(), outgoing()); err == nil || errors.Is(err, errPermanent) != forGood {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

// T-INP-15
func TestMailHeadersCannotBeInjected(t *testing.T) {
	m := outgoing()
	m.Subject = "新订单：\r\nBcc: evil@example.com\r\n\r\nHello"
	m.Text = "\r\n.\r\nMAIL FROM:<x@y>"
	from, to := &mail.Address{Name: "平台\r\nX: 1", Address: "a@example.cn"}, &mail.Address{Address: "li@example.cn"}
	got, err := mail.ReadMessage(strings.NewReader(string(letter(from, to, m))))
	if err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("Bcc") != "" || got.Header.Get("X") != "" || len(got.Header) != 9 {
		t.Errorf("headers %v", got.Header)
	}
	bad := outgoing()
	bad.Recipient = "li@example.cn>\r\nRCPT TO:<evil@example.com"
	if err := (SMTP{From: "a@example.cn"}).Send(t.Context(), bad); !errors.Is(err, errPermanent) {
		t.Errorf("a recipient of two lines: %v", err)
	}
}

// T-INP-17
func TestValuesOfATemplateAreNotInterpreted(t *testing.T) {
	got := fill("{company} 的验证码 {code}", map[string]string{"company": "{code}{{.Secret}}%s", "code": "123456"})
	if got != "{code}{{.Secret}}%s 的验证码 123456" {
		t.Error(got)
	}
}
