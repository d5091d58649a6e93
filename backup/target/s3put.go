package target

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/minio/minio-go/v7"
)

// Put gathers a part in memory and sends it. What fits into one part is one request; the
// service shows an object only when it has all of it, and on its disks.
func (s *S3) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	if err := named(name); err != nil {
		return err
	}
	p := &parts{s: s, ctx: ctx, key: s.key(name)}
	err := write(until{ctx, p})
	if err == nil {
		err = p.end()
	}
	if err != nil {
		return fmt.Errorf("put %s: %w", name, errors.Join(whyS3(err), p.giveUp()))
	}
	return nil
}

// noRoom are the words for it of services that one runs oneself: MinIO, Ceph, Garage and others.
var noRoom = []string{"QuotaExceeded", "InsufficientStorage", "StorageFull", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"}

// whyS3 adds ErrFull where a service says that it has no room, or that a quota is used up.
func whyS3(err error) error {
	var said minio.ErrorResponse
	if errors.As(err, &said) && (said.StatusCode == http.StatusInsufficientStorage || slices.Contains(noRoom, said.Code)) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// parts is an object on its way.
type parts struct {
	s    *S3
	ctx  context.Context
	key  string
	id   string // of the upload; "": everything is in buf yet
	buf  []byte
	sent []minio.CompletePart
	kept string // the version that the service says it has made
}

// Write gathers bytes, and sends a part when there are more than fit into one.
func (p *parts) Write(b []byte) (n int, err error) {
	for n < len(b) {
		if len(p.buf) == p.s.c.PartBytes {
			if err := p.part(); err != nil {
				return n, err
			}
		}
		k := min(len(b)-n, p.s.c.PartBytes-len(p.buf))
		p.buf = append(p.buf, b[n:n+k]...)
		n += k
	}
	return n, nil
}

// limit is how long a part may take on its way: a line that carries less than 64 KiB a second
// is none.
func (p *parts) limit() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.ctx, p.s.c.Stall+time.Duration(len(p.buf)/(64<<10))*time.Second)
}

// part sends what has been gathered, with its sum: the service compares it.
func (p *parts) part() error {
	ctx, cancel := p.limit()
	defer cancel()
	if p.id == "" {
		id, err := p.s.core.NewMultipartUpload(ctx, p.s.c.Bucket, p.key, minio.PutObjectOptions{})
		if err != nil {
			return err
		}
		p.id = id
	}
	if len(p.sent) == maxParts {
		return fmt.Errorf("it has more than %d bytes", int64(maxParts)*int64(p.s.c.PartBytes))
	}
	n := len(p.sent) + 1
	o, err := p.s.core.PutObjectPart(ctx, p.s.c.Bucket, p.key, p.id, n, bytes.NewReader(p.buf), int64(len(p.buf)), minio.PutObjectPartOptions{Sha256Hex: sumOf(p.buf)})
	if err != nil {
		return fmt.Errorf("part %d: %w", n, err)
	}
	p.sent = append(p.sent, minio.CompletePart{PartNumber: n, ETag: o.ETag})
	p.buf = p.buf[:0]
	return nil
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// end sends the rest, and lets the service show the object.
func (p *parts) end() error {
	if p.id == "" {
		ctx, cancel := p.limit()
		defer cancel()
		o, err := p.s.core.PutObject(ctx, p.s.c.Bucket, p.key, bytes.NewReader(p.buf), int64(len(p.buf)), "", sumOf(p.buf), minio.PutObjectOptions{})
		if err != nil {
			return err
		}
		return p.forgets(o.VersionID)
	}
	if err := p.part(); err != nil {
		return err
	}
	// A service may take minutes to put many parts together.
	ctx, cancel := context.WithTimeout(p.ctx, 5*p.s.c.Stall)
	defer cancel()
	o, err := p.s.core.CompleteMultipartUpload(ctx, p.s.c.Bucket, p.key, p.id, p.sent, minio.PutObjectOptions{})
	if err != nil {
		return err
	}
	p.id = ""
	return p.forgets(o.VersionID)
}

// forgets looks at what each answer to a Put says, and so sees within a minute if somebody
// has turned versioning on: a bucket without has no versions, or one that is called "null".
func (p *parts) forgets(version string) error {
	if version == "" || version == "null" {
		return nil
	}
	p.kept = version
	return ErrKept
}

// giveUp takes away what was sent. If the service cannot be reached, Sweep does it.
func (p *parts) giveUp() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), p.s.c.Stall)
	defer cancel()
	if p.kept != "" {
		return p.s.core.RemoveObject(ctx, p.s.c.Bucket, p.key, minio.RemoveObjectOptions{VersionID: p.kept})
	}
	if p.id == "" {
		return nil
	}
	if err := p.s.core.AbortMultipartUpload(ctx, p.s.c.Bucket, p.key, p.id); err != nil && !absent(err) {
		return err
	}
	return nil
}
