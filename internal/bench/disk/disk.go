// Package disk says what a disk may hold after its power failed. It reads from a
// trace of a process what was written and synced in which order; what was not
// synced before the failure may be there, be missing, or be there in part.
package disk

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Disk is what has been asked of a disk so far. What it held at first is safe.
type Disk struct {
	// Deaf makes the disk ignore what is asked to be synced, to see that it matters.
	Deaf func(path string) bool

	names  map[string]*inode // as the process sees it
	safe   map[string]*inode // as a sync of the folder left it
	naming []*change         // names that came and went since
	syncs  map[int][]*change // what a sync that has begun covers
	ways   map[int]*change   // changes under way, by call
}

// inode is a file, whatever its name.
type inode struct {
	safe  []byte
	since []*change
}

// change is something asked for that no sync has covered yet.
type change struct {
	Event
	file *inode // of a name: what it stands for, nil when it goes
	done bool
}

// Holding is a disk with these files.
func Holding(files map[string][]byte) *Disk {
	d := &Disk{names: map[string]*inode{}, syncs: map[int][]*change{}, ways: map[int]*change{}}
	for path, content := range files {
		d.names[path] = &inode{safe: slices.Clone(content)}
	}
	d.safe = maps.Clone(d.names)
	return d
}

// Take lets the disk see one event.
func (d *Disk) Take(e Event) {
	switch {
	case e.Kind == Say:
	case e.Kind == Sync && !e.End:
		d.syncs[e.Call] = d.covered(e.Path)
	case e.Kind == Sync:
		d.settle(e, d.syncs[e.Call])
		delete(d.syncs, e.Call)
	case e.End:
		if c := d.ways[e.Call]; c != nil {
			c.done = true
			delete(d.ways, e.Call)
		}
	default:
		d.begin(e)
	}
}

func (d *Disk) begin(e Event) {
	c, file := &change{Event: e}, d.names[e.Path]
	switch {
	case e.Kind == Create && file == nil:
		c.file = &inode{}
		d.names[e.Path] = c.file
		d.naming = append(d.naming, c)
	case e.Kind == Remove && file != nil:
		delete(d.names, e.Path)
		d.naming = append(d.naming, c)
	case (e.Kind == Write || e.Kind == Truncate) && file != nil:
		file.since = append(file.since, c)
	default:
		return
	}
	d.ways[e.Call] = c
}

// covered is what a sync that begins now promises: what was done before.
func (d *Disk) covered(path string) []*change {
	list := d.naming
	if file := d.names[path]; file != nil {
		list = file.since
	}
	var out []*change
	for _, c := range list {
		if c.done {
			out = append(out, c)
		}
	}
	return out
}

func (d *Disk) settle(e Event, covered []*change) {
	if d.Deaf != nil && d.Deaf(e.Path) {
		return
	}
	left := func(list []*change) []*change {
		return slices.DeleteFunc(list, func(c *change) bool { return slices.Contains(covered, c) })
	}
	file := d.names[e.Path]
	if file == nil { // a folder
		for _, c := range covered {
			c.name(d.safe)
		}
		d.naming = left(d.naming)
		return
	}
	for _, c := range covered {
		file.safe = c.whole(file.safe)
	}
	file.since = left(file.since)
}

func (c *change) name(names map[string]*inode) {
	if c.file == nil {
		delete(names, c.Path)
	} else {
		names[c.Path] = c.file
	}
}

func (c *change) whole(content []byte) []byte {
	if c.Kind == Truncate {
		return resized(content, c.At)
	}
	return c.part(content, 0, int64(len(c.Data)))
}

// part writes one piece of the data.
func (c *change) part(content []byte, from, to int64) []byte {
	if int64(len(content)) < c.At+to {
		content = resized(content, c.At+to)
	}
	copy(content[c.At+from:], c.Data[from:to])
	return content
}

func resized(content []byte, size int64) []byte {
	if size <= int64(len(content)) {
		return content[:size]
	}
	return append(content, make([]byte, size-int64(len(content)))...)
}

// Image is what may be found when the power comes back.
type Image struct {
	Files map[string][]byte
	Open  int // changes that no sync had covered
	Lost  int // of which this many are missing or torn
}

// fate is how bad it is: what was not synced …
type fate int

const (
	kept    fate = iota // is there
	lost                // is missing
	early               // is there up to some point, in the order it was written
	some                // is there or not, each for itself
	pages               // is there or not, each piece of 4,096 bytes for itself
	sectors             // is there or not, each piece of 512 bytes for itself
	howMany = iota
)

var pieceOf = map[fate]int64{pages: 4096, sectors: 512}

// Cut cuts the power now. Chance decides between everything that a disk may do.
func (d *Disk) Cut(chance *rand.Rand) Image {
	out := Image{Files: map[string][]byte{}}
	names, f := maps.Clone(d.safe), fate(chance.IntN(howMany))
	f.over(chance, d.naming, func(c *change, there bool) {
		out.count(there)
		if there {
			c.name(names)
		}
	})
	for _, path := range slices.Sorted(maps.Keys(names)) { // in one order, so that a seed gives the same again
		file := names[path]
		content := slices.Clone(file.safe)
		f.over(chance, file.since, func(c *change, there bool) {
			if piece := pieceOf[f]; piece > 0 && c.Kind == Write {
				var torn bool
				content, torn = c.torn(chance, content, piece)
				out.count(!torn)
				return
			}
			out.count(there)
			if there {
				content = c.whole(content)
			}
		})
		out.Files[path] = content
	}
	return out
}

func (i *Image) count(there bool) {
	i.Open++
	if !there {
		i.Lost++
	}
}

// over decides for each change in turn.
func (f fate) over(chance *rand.Rand, list []*change, each func(c *change, there bool)) {
	until := len(list)
	if f == early {
		until = chance.IntN(len(list) + 1)
	}
	for n, c := range list {
		switch f {
		case kept, early:
			each(c, n < until)
		case lost:
			each(c, false)
		default:
			each(c, chance.IntN(2) == 0)
		}
	}
}

// torn writes some pieces of a write, cut where the disk's own pieces end. Where
// a missing piece would have made the file longer, it may be longer all the same.
func (c *change) torn(chance *rand.Rand, content []byte, piece int64) (out []byte, missing bool) {
	size := int64(len(c.Data))
	for from := int64(0); from < size; {
		to := min(size, (c.At+from)/piece*piece+piece-c.At)
		switch chance.IntN(4) {
		case 0, 1:
			content = c.part(content, from, to)
		case 2:
			missing = true
		case 3:
			missing = true
			if int64(len(content)) < c.At+to {
				content = resized(content, c.At+to)
			}
		}
		from = to
	}
	return content, missing
}
