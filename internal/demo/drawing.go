package demo

import (
	"context"
	"fmt"
	"sync"

	"smedx/internal/account"
	"smedx/internal/demo/picture"
	"smedx/internal/file"
	"smedx/internal/kit/id"
)

// drawings are the pictures of the data set. They are drawn beside the acts, in
// the order in which these will want them, and each of them once.
type drawings struct {
	makers map[string]func() []byte
	order  []string
}

func (d *drawings) add(key string, draw func() []byte) {
	if _, ok := d.makers[key]; !ok {
		d.makers[key] = sync.OnceValue(draw)
		d.order = append(d.order, key)
	}
}

// get waits for a picture.
func (d *drawings) get(key string) ([]byte, error) {
	draw, ok := d.makers[key]
	if !ok {
		return nil, fmt.Errorf("nobody drew %s", key)
	}
	return draw(), nil
}

// draw begins to draw everything, on another core than the acts run on. The
// channel closes when that is done, or nobody wants it any more.
func (l *loader) draw(ctx context.Context) <-chan struct{} {
	d := &l.pictures
	for _, p := range l.data.Staff {
		if p.Role == "expert" {
			d.add("portrait-"+p.Name, func() []byte { return picture.Portrait(p.Name) })
		}
	}
	for _, p := range l.data.Providers {
		d.add("licence-"+p.Key, func() []byte { return picture.License(p.Key) })
		d.add("proof-"+p.Key, func() []byte { return picture.License(p.Key + "q") })
	}
	for _, e := range l.data.Enterprises {
		d.add("licence-"+e.Key, func() []byte { return picture.License(e.Key) })
	}
	for _, s := range l.data.Solutions {
		class := s.Categories[0]
		d.add("cover-"+s.Key, func() []byte { return picture.Cover(class, s.Key) })
		d.add("banner-"+s.Key, func() []byte { return picture.Banner(class, s.Key) })
		d.add("screen-"+class, func() []byte { return picture.Screen(class, class) })
		d.add("case-"+class, func() []byte { return pdfOf(picture.CasePage(class, class), 720, 960) })
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, key := range d.order {
			if ctx.Err() != nil {
				return
			}
			d.makers[key]()
		}
	}()
	return done
}

// picture saves a drawing as somebody would upload it.
func (l *loader) picture(who account.Principal, purpose file.Purpose, name, key string) (id.ID, error) {
	body, err := l.pictures.get(key)
	if err != nil {
		return 0, err
	}
	return l.upload(who, purpose, name, body)
}

// once is the same, for what a company uses again and again: it is uploaded the first time.
func (l *loader) once(who account.Principal, purpose file.Purpose, name, key string) (id.ID, error) {
	k := fmt.Sprint(who.OrgID, purpose, key)
	if i, ok := l.uploaded[k]; ok {
		return i, nil
	}
	i, err := l.picture(who, purpose, name, key)
	if err == nil {
		l.uploaded[k] = i
	}
	return i, err
}
