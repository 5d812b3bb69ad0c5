package httpapi

import (
	"encoding/json"
	"testing"

	"smedx/internal/voucher"
)

// The answer that is written by hand is the one of the contract.
func TestTheShortAnswerToAClaimIsTheUsualOne(t *testing.T) {
	for _, v := range []ClaimView{
		{},
		{ClaimedView{ID: 1 << 60, Name: "数字化改造“服务券” <\"\\\n>", FaceValueFen: 1_000_000, ValidFrom: 1_700_000_000_001, ExpiresAt: 1_800_000_000_000, IssuedAt: 1_700_000_000_123, Status: voucher.Frozen}, true},
	} {
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := v.json(); err != nil || string(got) != string(want) {
			t.Errorf("%s %v\nwant %s", got, err, want)
		}
	}
}

func TestOnlyTheUsualFormOfAClaimIsShort(t *testing.T) {
	for query, want := range map[string]int64{"": 1, "n=1": 1, "n=9": 9, "n=0": 0, "n=10": 0, "n=a": 0, "n=1&x=2": 0, "m=1": 0, "n=": 0} {
		if n, usual := usualClaim(query); n != want || usual != (want > 0) {
			t.Errorf("%q: %d %v", query, n, usual)
		}
	}
}
