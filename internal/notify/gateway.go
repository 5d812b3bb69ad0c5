package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Gateway sends SMS through an HTTP service of the operator: a POST of JSON,
// signed with a shared secret. docs/operate.md describes it for whoever runs
// the other side.
type Gateway struct {
	URL    string
	Secret string
	Now    func() time.Time
}

// gatewayClient follows no redirect: the secret is for one address only.
var gatewayClient = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Send implements Sender.
func (g Gateway) Send(ctx context.Context, m Outgoing) error {
	body, err := json.Marshal(struct {
		ID       string            `json:"id"`
		Phone    string            `json:"phone"`
		Template string            `json:"template"`
		Params   map[string]string `json:"params"`
		Text     string            `json:"text"`
	}{m.ID.String(), m.Recipient, m.Template, m.Params, m.Text})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	at := strconv.FormatInt(g.Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Smedx-Timestamp", at)
	r.Header.Set("X-Smedx-Signature", Sign(g.Secret, at, body))
	answer, err := gatewayClient.Do(r)
	var failed *url.Error
	if errors.As(err, &failed) { // without the address, which may hold a token
		return failed.Err
	}
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }() // the status said everything
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	switch c := answer.StatusCode; {
	case c >= 200 && c < 300:
		return nil
	case c >= 400 && c < 500 && c != http.StatusRequestTimeout && c != http.StatusTooManyRequests:
		return permanent(fmt.Sprintf("gateway answered %d", c))
	default:
		return fmt.Errorf("gateway answered %d", c)
	}
}

// Sign is the signature of a request to the gateway: HMAC-SHA256, in hex, of
// the timestamp, a dot and the body.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
