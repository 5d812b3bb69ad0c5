package picture

import (
	"bytes"
	"image"
	_ "image/jpeg"
	"os"
	"path/filepath"
	"testing"
)

func TestPicturesAreSmallAndTheSameForTheSameSeed(t *testing.T) {
	keep := os.Getenv("SMEDX_KEEP_PICTURES") // a folder to look at them in
	check := func(name string, w, h int, draw func() []byte) {
		t.Helper()
		one := draw()
		if !bytes.Equal(one, draw()) {
			t.Errorf("%s: two drawings differ", name)
		}
		if len(one) > 60_000 {
			t.Errorf("%s: %d bytes", name, len(one))
		}
		cfg, _, err := image.DecodeConfig(bytes.NewReader(one))
		if err != nil || cfg.Width != w/shrink || cfg.Height != h/shrink {
			t.Errorf("%s: %v %dx%d", name, err, cfg.Width, cfg.Height)
		}
		if keep != "" {
			if err := os.WriteFile(filepath.Join(keep, name+".jpg"), one, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for class := range styles {
		check("cover-"+class, 800, 450, func() []byte { return Cover(class, "a-"+class) })
		check("banner-"+class, 1200, 400, func() []byte { return Banner(class, "a-"+class) })
	}
	check("license", 1000, 700, func() []byte { return License("91990209MA477443X6") })
	check("case", 720, 960, func() []byte { return CasePage("quality", "one") })
	check("screen", 960, 600, func() []byte { return Screen("quality", "one") })
	check("portrait", 480, 600, func() []byte { return Portrait("guan") })
	check("portrait2", 480, 600, func() []byte { return Portrait("tan") })
	if bytes.Equal(Cover("quality", "one"), Cover("quality", "two")) {
		t.Error("another seed draws the same cover")
	}
}
