package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"
)

// SMTP sends mail through a server of the operator. Mode is starttls (the
// connection must turn to TLS before anything is said), tls (from the first
// byte) or none (a server on the same machine).
type SMTP struct {
	Addr     string // host:port
	From     string // address, or Name <address>
	Username string
	Password string
	Mode     string

	TLS *tls.Config // nil: the system's certificates
}

// Send implements Sender.
func (s SMTP) Send(ctx context.Context, m Outgoing) error {
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return fmt.Errorf("sender address: %w", err)
	}
	to, err := mail.ParseAddress(m.Recipient)
	if err != nil {
		return permanent("recipient is no mail address")
	}
	c, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // after Quit it is closed already
	if s.Username != "" {
		host, _, _ := net.SplitHostPort(s.Addr)
		if err := c.Auth(smtp.PlainAuth("", s.Username, s.Password, host)); err != nil {
			return fmt.Errorf("smtp sign-in: %w", err)
		}
	}
	if err := c.Mail(from.Address); err != nil {
		return err
	}
	if err := c.Rcpt(to.Address); err != nil {
		return final(err)
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(letter(from, to, m)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return final(err)
	}
	_ = c.Quit() // the server has taken the message already
	return nil
}

// final tells answers of the server that will stay (5xx) from those that pass.
func final(err error) error {
	var answer *textproto.Error
	if errors.As(err, &answer) && answer.Code >= 500 {
		return permanent(fmt.Sprintf("smtp %d", answer.Code))
	}
	return err
}

func (s SMTP) dial(ctx context.Context) (*smtp.Client, error) {
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return nil, err
	}
	secure := s.TLS.Clone()
	if secure == nil {
		secure = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	secure.ServerName = host
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return nil, err
	}
	if until, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(until); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	if s.Mode == "tls" {
		conn = tls.Client(conn, secure)
	}
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if s.Mode == "starttls" {
		if err := c.StartTLS(secure); err != nil {
			return nil, errors.Join(fmt.Errorf("starttls: %w", err), c.Close())
		}
	}
	return c, nil
}

// letter is the message as it travels. Subject and names are encoded words, the
// text is base64: nothing in them can begin a header of its own.
func letter(from, to *mail.Address, m Outgoing) []byte {
	var out bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&out, "%s: %s\r\n", name, value) }
	_, domain, _ := strings.Cut(from.Address, "@")
	header("From", from.String())
	header("To", to.String())
	header("Subject", mime.BEncoding.Encode("utf-8", m.Subject))
	header("Date", m.CreatedAt.Time().Format(time.RFC1123Z))
	header("Message-ID", fmt.Sprintf("<%s@%s>", m.ID, domain))
	header("Auto-Submitted", "auto-generated")
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "base64")
	out.WriteString("\r\n")
	text := base64.StdEncoding.EncodeToString([]byte(m.Text))
	for len(text) > 0 {
		n := min(76, len(text))
		out.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
	return out.Bytes()
}
