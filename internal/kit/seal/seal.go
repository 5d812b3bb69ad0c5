// Package seal encrypts personal data at rest and makes it searchable by
// equality through a keyed hash, with a key that lives outside the database.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Box seals and opens texts with AES-256-GCM.
type Box struct {
	aead  cipher.AEAD
	index []byte
}

// KeySize is the length of the master key in bytes.
const KeySize = 32

// New derives the keys of a box from a master key of 32 bytes.
func New(master []byte) (*Box, error) {
	if len(master) != KeySize {
		return nil, fmt.Errorf("seal key has %d bytes, want %d", len(master), KeySize)
	}
	enc, err := hkdf.Key(sha256.New, master, nil, "smedx seal v1", 32)
	if err != nil {
		return nil, err
	}
	index, err := hkdf.Key(sha256.New, master, nil, "smedx blind index v1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &Box{aead: aead, index: index}, err
}

// OpenKeyFile reads the key file, or makes one that only its owner can read.
func OpenKeyFile(path string) (*Box, error) {
	key, err := OpenSecret(path)
	if err != nil {
		return nil, err
	}
	return New(key)
}

// OpenSecret reads a file with 32 random bytes in hexadecimal, or makes one that
// only its owner can read.
func OpenSecret(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, KeySize)
		if _, err := rand.Read(key); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		return key, keep(path, hex.EncodeToString(key)+"\n")
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return key, nil
}

// keep writes a new file so that it is there whole after a power failure or not at
// all: what is sealed with a key that is lost is lost as well.
func keep(path, text string) error {
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, ".new-*") // only its owner can read it
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	for _, of := range []string{folder, filepath.Dir(folder)} { // the names of the file and of a new folder
		d, err := os.Open(of)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Seal encrypts a text; the empty text stays empty.
func (b *Box) Seal(plain string) string {
	if plain == "" {
		return ""
	}
	nonce := make([]byte, b.aead.NonceSize())
	rand.Read(nonce) //nolint:errcheck // never fails since Go 1.24
	return base64.RawStdEncoding.EncodeToString(b.aead.Seal(nonce, nonce, []byte(plain), nil))
}

// Open decrypts what Seal made.
func (b *Box) Open(sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return "", fmt.Errorf("sealed text: %w", err)
	}
	n := b.aead.NonceSize()
	if len(raw) < n {
		return "", errors.New("sealed text is too short")
	}
	plain, err := b.aead.Open(nil, raw[:n], raw[n:], nil)
	if err != nil {
		return "", fmt.Errorf("sealed text: %w", err)
	}
	return string(plain), nil
}

// Phone is the purpose of every index over phone numbers: equal numbers in
// different tables show who belongs together.
const Phone = "phone"

// Index is a keyed hash of a text, for columns that are searched by equality.
// purpose keeps equal texts in different columns apart.
func (b *Box) Index(purpose, plain string) string {
	if plain == "" {
		return ""
	}
	m := hmac.New(sha256.New, b.index)
	m.Write([]byte(purpose + "\x00" + plain))
	return hex.EncodeToString(m.Sum(nil)[:16])
}
