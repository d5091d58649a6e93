package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"
)

// ErrNobody says that no appliance runs: there is no socket, or nobody listens at it.
var ErrNobody = errors.New("no appliance is running")

// Ask asks the appliance that runs in the run directory dir: in goes as JSON to the
// command at path, and what comes back into out. It waits as long as ctx lets it. The
// error is ErrNobody, or what the appliance has said.
func Ask(ctx context.Context, dir, path string, in, out any) error {
	c, err := call(ctx, dir)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return ErrNobody
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w (%w)", errStranger.Err, err)
	case err != nil:
		return fmt.Errorf("ask the appliance that runs: %w", err)
	}
	defer c.Close()
	ask, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://sigill"+path, bytes.NewReader(ask))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	t := &http.Transport{
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return c, nil },
		DisableKeepAlives: true,
	}
	res, err := t.RoundTrip(r) // no http.Client: an answer here leads nowhere else
	if err != nil {
		return fmt.Errorf("the appliance has ended before it answered: %w", err)
	}
	defer res.Body.Close()
	return read(res, out)
}

func call(ctx context.Context, dir string) (net.Conn, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return (&net.Dialer{}).DialContext(ctx, "unix", address(d))
}

func read(res *http.Response, out any) error {
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("the appliance has ended before it answered: %w", err)
	case len(b) > maxAnswer:
		return errors.New("the appliance's answer is too long")
	case res.StatusCode == http.StatusOK:
		return json.Unmarshal(b, out)
	}
	var r refusal
	if err := json.Unmarshal(b, &r); err != nil || r.Kind == "" {
		return fmt.Errorf("the appliance answers %s", res.Status)
	}
	return r.err()
}
