package vault

import (
	"fmt"
	"time"

	"sigill/appliance/mail"
)

// Values on their way into a row, and back.

// ms is a time as the rows have it; zero stands for "not (yet)".
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMS(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// full makes nil an empty value: nil would be NULL, which no column takes.
func full[T ~[]byte](b T) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// orNull makes the zero id NULL, for a column that may refer to nothing.
func orNull(id mail.ID) any {
	if id.IsZero() {
		return nil
	}
	return id[:]
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// The destinations of a scan. Each is one pointer, so that making one allocates
// nothing; database/sql's own way from int64 to a named integer goes over text.

type intoID struct{ p *mail.ID }
type intoHash struct{ p *[32]byte }
type intoToken struct{ p *[16]byte }
type intoTime struct{ p *time.Time }
type intoSpan struct{ p *time.Duration }
type intoBit struct{ p *bool }
type intoShred struct{ p *mail.Slot }
type intoLink struct{ p *mail.Slot }
type intoBox struct{ p *mail.Box }
type intoInt[T integer] struct{ p *T }

type integer interface {
	~int | ~int8 | ~uint8 | ~uint32 | ~int64
}

func number[T integer](p *T) intoInt[T] { return intoInt[T]{p} }

// Scan takes 16 bytes; NULL is the zero id.
func (d intoID) Scan(v any) error {
	if v == nil {
		*d.p = mail.ID{}
		return nil
	}
	return exactly(d.p[:], v)
}

// Scan takes 32 bytes.
func (d intoHash) Scan(v any) error { return exactly(d.p[:], v) }

// Scan takes 16 bytes.
func (d intoToken) Scan(v any) error { return exactly(d.p[:], v) }

// Scan takes milliseconds since 1970.
func (d intoTime) Scan(v any) error {
	n, err := integerOf(v)
	*d.p = fromMS(n)
	return err
}

// Scan takes milliseconds.
func (d intoSpan) Scan(v any) error {
	n, err := integerOf(v)
	*d.p = time.Duration(n) * time.Millisecond
	return err
}

// Scan takes 0 or 1.
func (d intoBit) Scan(v any) error {
	n, err := integerOf(v)
	*d.p = n != 0
	return err
}

// Scan takes a place in shred.slots; 0 is no slot.
func (d intoShred) Scan(v any) error {
	n, err := integerOf(v)
	*d.p = slotAt(mail.Shred, n)
	return err
}

// Scan takes a place in link.slots; 0 is no slot.
func (d intoLink) Scan(v any) error {
	n, err := integerOf(v)
	*d.p = slotAt(mail.Link, n)
	return err
}

// Scan takes a copy: the bytes are the driver's. Empty and NULL are nil.
func (d intoBox) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok && v != nil {
		return fmt.Errorf("a box is %T", v)
	}
	*d.p = nil
	if len(b) > 0 {
		*d.p = append(make(mail.Box, 0, len(b)), b...)
	}
	return nil
}

// Scan takes an integer that was stored from the same type.
func (d intoInt[T]) Scan(v any) error {
	n, err := integerOf(v)
	*d.p = T(n)
	return err
}

func slotAt(f mail.SlotFile, n int64) mail.Slot {
	if n <= 0 {
		return mail.Slot{}
	}
	return mail.Slot{File: f, N: uint32(n)}
}

func exactly(dst []byte, v any) error {
	b, ok := v.([]byte)
	if !ok || len(b) != len(dst) {
		return fmt.Errorf("a value is not %d bytes long", len(dst))
	}
	copy(dst, b)
	return nil
}

func integerOf(v any) (int64, error) {
	n, ok := v.(int64)
	if !ok {
		return 0, fmt.Errorf("an integer is %T", v)
	}
	return n, nil
}
