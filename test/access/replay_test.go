package access

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// T-MON-15: a purchase that is sent again with its key is answered with the same
// bytes and marked; the key is the caller's own, for one request.
func TestAPurchaseThatIsSentAgainIsAnsweredTheSame(t *testing.T) {
	type reply struct {
		answer

		replayed string
	}
	// A connection for each request: none is left over that the server would wait for at its end.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	send := func(who, key, path, body string) reply {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, run.url+"/api/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return reply{}
		}
		req.Header.Set("Content-Type", "application/json")
		if key != "" {
			req.Header.Set("Idempotency-Key", key)
		}
		req.AddCookie(&http.Cookie{Name: "smedx_session", Value: run.callers[who].token})
		res, err := client.Do(req)
		if err != nil {
			t.Error(err)
			return reply{}
		}
		defer res.Body.Close() //nolint:errcheck // read only
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Error(err)
		}
		return reply{answer{status: res.StatusCode, body: string(text)}, res.Header.Get("Idempotent-Replayed")}
	}
	const at = "/checkouts"
	buy, key := intent(), strings.Repeat("k", 255)
	first := send("buyer", key, at, buy)
	if first.status != http.StatusCreated || first.replayed != "" {
		t.Fatal(first)
	}
	if again := send("buyer", key, at, buy); again.answer != first.answer || again.replayed != "true" {
		t.Errorf("%v, then %v (%s)", first, again, again.replayed)
	}
	if other := send("buyer", key, at, strings.Replace(buy, `"expectedTotalFen":`, `"expectedTotalFen":1`, 1)); other.status != http.StatusUnprocessableEntity || other.code() != "idempotency.mismatch" {
		t.Error("another body:", other)
	}
	if other := send("otherBuyer", key, at, buy); other.status != http.StatusCreated || other.replayed != "" || other.body == first.body {
		t.Error("another company:", other)
	}

	replies := make([]reply, 50)
	var all sync.WaitGroup
	for i := range replies {
		all.Go(func() { replies[i] = send("buyer", "fifty at once", at, buy) })
	}
	all.Wait()
	fresh := 0
	for _, r := range replies {
		if r.answer != replies[0].answer || r.status != http.StatusCreated {
			t.Errorf("%v beside %v", r, replies[0])
		}
		if r.replayed == "" {
			fresh++
		}
	}
	if fresh != 1 {
		t.Errorf("%d of 50 were not marked as repeated", fresh)
	}

	var receipt struct{ OrderIDs []string }
	if err := json.Unmarshal([]byte(first.body), &receipt); err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]string{at: buy, "/orders/" + receipt.OrderIDs[0] + "/refund": `{"refundableFen":1,"reason":"不再需要"}`} {
		for _, key := range []string{"", strings.Repeat("k", 256)} {
			if r := send("buyer", key, path, body); r.status != http.StatusBadRequest || r.code() != "idempotency.missing" {
				t.Errorf("%s with a key of %d characters: %v", path, len(key), r)
			}
		}
	}
}
