package seal

import (
	"os"
	"path/filepath"
	"testing"
)

func TestKeyFileIsMadeOnceAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "seal.key")
	first, err := OpenKeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	second, err := OpenKeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := second.Open(first.Seal("13800001234"))
	if err != nil || plain != "13800001234" {
		t.Fatalf("%q, %v", plain, err)
	}
	if first.Index("phone", "1") != second.Index("phone", "1") || first.Index("phone", "1") == first.Index("mail", "1") {
		t.Error("the index must depend on key, purpose and text only")
	}
}

func TestTamperedTextDoesNotOpen(t *testing.T) {
	b, err := New(make([]byte, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	if one, other := b.Seal("a"), b.Seal("a"); one == other {
		t.Error("equal texts must seal differently")
	}
	s := []byte(b.Seal("secret"))
	s[len(s)-1] ^= 1
	if _, err := b.Open(string(s)); err == nil {
		t.Error("a changed text opened")
	}
}
