package catalog

import (
	"runtime"
	"slices"
	"sync"
)

// Pairs of letters that stand in one field need not be neighbours, so a longer
// word is looked for in the texts themselves. What was read for a word that may
// stand in many offerings is kept, for the next who asks; only the texts that have
// come since are read then.

// phrase is where a word stands in the texts before a place.
type phrase struct {
	until int
	in    byField
}

// phraseKey is a word and the fields that it was looked for in.
type phraseKey struct {
	word   string
	fields uint32
}

const (
	worthKeeping = 500      // texts that were read
	phraseBytes  = 16 << 20 // kept at most
)

// phrases keeps what was read. It is empty again when it is full, or when the
// places of the index change.
type phrases struct {
	mu    sync.Mutex
	known map[phraseKey]phrase
	size  int
}

func (p *phrases) get(key phraseKey) phrase {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[key]
}

func (p *phrases) put(key phraseKey, found phrase) {
	size := 200
	for _, s := range found.in {
		size += 8 * len(s)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.size += size; p.known == nil || p.size > phraseBytes {
		p.known, p.size = map[phraseKey]phrase{}, size
	}
	p.known[key] = found
}

func (p *phrases) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known, p.size = nil, 0
}

// read keeps of the places in each field those whose text has the word.
func (x *index) read(word string, fields uint32, in byField) (out byField) {
	key := phraseKey{word, fields}
	known, texts := x.phrases.get(key), 0
	for f, candidates := range in {
		out[f] = slices.Clone(known.in[f])
		fresh := candidates.from(known.until)
		if fresh.keep(x.live); !fresh.empty() {
			texts += fresh.size()
			x.readField(word, f, fresh)
			out[f] = out[f].or(fresh)
		}
	}
	if texts >= worthKeeping {
		kept := phrase{until: len(x.docs)}
		for f := range out {
			kept.in[f] = slices.Clone(out[f])
		}
		x.phrases.put(key, kept)
	}
	return out
}

// readField takes out the places whose text of a field lacks the word. Many texts
// are read on all processors.
func (x *index) readField(word string, f int, in set) {
	parts, here := in.parts(), has(f, word)
	look := func(parts []part) {
		for _, p := range parts {
			in[p.at] = p.only(func(slot int) bool { return here(&x.texts[slot]) })
		}
	}
	hands := runtime.GOMAXPROCS(0)
	if each := len(parts) / hands; each > 100 && hands > 1 {
		var all sync.WaitGroup
		for range hands - 1 {
			mine := parts[:each]
			parts = parts[each:]
			all.Go(func() { look(mine) })
		}
		defer all.Wait()
	}
	look(parts)
}
