package file

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// jpegFacts is what must be known of a JPEG before it is decoded.
type jpegFacts struct {
	orientation int // of EXIF; upright without one
	scans       int
	progressive bool
}

var errNotJPEG = errors.New("file: not a JPEG")

// Markers of ITU T.81, annex B.
const (
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerSOF2 = 0xc2
	markerAPP1 = 0xe1
)

// scanJPEG walks over the segments once, without decoding anything.
func scanJPEG(r io.Reader) (jpegFacts, error) {
	facts := jpegFacts{orientation: upright}
	in := bufio.NewReader(r)
	if marker, err := nextMarker(in); err != nil || marker != markerSOI {
		return facts, errNotJPEG
	}
	seen := false // the first EXIF part counts
	for {
		marker, err := nextMarker(in)
		if errors.Is(err, io.EOF) || marker == markerEOI {
			return facts, nil
		}
		if err != nil {
			return facts, err
		}
		if marker == 0x01 || marker >= 0xd0 && marker <= 0xd7 { // without a length
			continue
		}
		var length uint16
		if binary.Read(in, binary.BigEndian, &length) != nil || length < 2 {
			return facts, errNotJPEG
		}
		if marker != markerAPP1 || seen {
			if _, err := in.Discard(int(length) - 2); err != nil {
				return facts, errNotJPEG
			}
		} else {
			part := make([]byte, length-2)
			if _, err := io.ReadFull(in, part); err != nil {
				return facts, errNotJPEG
			}
			if tiff, ok := bytes.CutPrefix(part, []byte("Exif\x00\x00")); ok {
				facts.orientation, seen = orientationOf(tiff), true
			}
		}
		switch marker {
		case markerSOS:
			facts.scans++
		case markerSOF2:
			facts.progressive = true
		}
	}
}

// nextMarker skips data up to the next marker: a byte 0xff that is followed by
// neither 0x00 (which stands for data) nor a further 0xff.
func nextMarker(in *bufio.Reader) (byte, error) {
	for {
		if _, err := in.ReadSlice(0xff); err != nil {
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			return 0, err
		}
		marker, err := in.ReadByte()
		for err == nil && marker == 0xff {
			marker, err = in.ReadByte()
		}
		if err != nil || marker != 0 {
			return marker, err
		}
	}
}

// orientationOf finds the tag Orientation in the first directory of a TIFF block;
// anything odd counts as upright.
func orientationOf(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		order = binary.LittleEndian
	case !bytes.HasPrefix(tiff, []byte("MM\x00*")):
		return upright
	}
	if len(tiff) < 8 {
		return upright
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return upright
		}
		const orientation, short = 0x0112, 3
		if order.Uint16(entries) == orientation && order.Uint16(entries[2:]) == short {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return upright
		}
		entries = entries[12:]
	}
	return upright
}
