package mask

import "testing"

func TestTextIsMaskedByWhatItIs(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "13800001234": "138****1234", "0591-83511234": "059****1234", "王小明": "王**", "李": "李**",
		"wang@example.com": "w***@example.com", "@x": "***", "1234567": "****",
	} {
		if got := Text(in); got != want {
			t.Errorf("%q shows as %q, want %q", in, got, want)
		}
	}
}
