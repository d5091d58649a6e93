package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"sigill/appliance/mail"
)

// Longest is how long a command may work.
const Longest = time.Hour

const (
	maxAsk    = 64 << 10         // bytes of a question
	maxAnswer = 1 << 20          // bytes of an answer
	asking    = 10 * time.Second // for a whole question
	parting   = 2 * time.Second  // for those who are in when the appliance stops
)

// Command does what is asked and returns what is answered, both JSON. ctx ends when
// whoever asked is gone, when the appliance stops, and after Longest.
type Command func(ctx context.Context, ask []byte) (any, error)

// Do makes a Command of a function on values. A question with a field that In does not
// have is Invalid: it comes from another version, which means something by it.
func Do[In, Out any](do func(context.Context, In) (Out, error)) Command {
	return func(ctx context.Context, ask []byte) (any, error) {
		var in In
		d := json.NewDecoder(bytes.NewReader(ask))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil {
			return nil, mail.E(mail.Invalid, "error.invalid", fmt.Errorf("read the question: %w", err))
		}
		return do(ctx, in)
	}
}

// Config is what the door needs.
type Config struct {
	// Dir is the run directory. It is made, with mode 0700, if it is not there; what
	// stands above it must be.
	Dir string
	// Commands are what may be asked, by path: "/journal/verify".
	Commands map[string]Command
	// Log must not be nil.
	Log *slog.Logger
}

// Server is an open door.
type Server struct {
	Config
	door    *door
	trusted func(uid uint32) bool
}

// Listen opens the door; whoever comes waits until Run. It is an error if another
// process has the socket.
func Listen(c Config) (*Server, error) {
	p, err := take(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	return &Server{Config: c, door: &door{p, make(chan struct{}, most)}, trusted: trusted}, nil
}

// Close takes the socket away. It may be called twice, and after Run.
func (s *Server) Close() error { return s.door.Close() }

// Run answers until ctx ends, and takes the socket away.
func (s *Server) Run(ctx context.Context) error {
	h := &http.Server{
		Handler: http.HandlerFunc(s.serve), BaseContext: func(net.Listener) context.Context { return ctx },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, guestKey{}, c) },
		ReadTimeout: asking, WriteTimeout: Longest + asking, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(s.Log.With("part", "control").Handler(), slog.LevelWarn),
	}
	h.SetKeepAlivesEnabled(false)
	over := make(chan error, 1)
	go func() { over <- h.Serve(s.door) }()
	var err error
	select {
	case err = <-over:
	case <-ctx.Done():
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
		defer cancel()
		if err = h.Shutdown(last); err != nil { // somebody is in and says nothing
			err = h.Close()
		}
		<-over
	}
	return errors.Join(err, s.Close())
}

// guestKey is where a request finds its connection.
type guestKey struct{}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	answer, err := s.answer(w, r)
	status := http.StatusOK
	if err != nil {
		status, answer = refuse(err)
	}
	b, err := json.Marshal(answer)
	if err != nil {
		panic("control: internal: " + err.Error()) // for types that are no JSON
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b) // whoever is gone does not hear it
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) (any, error) {
	g := r.Context().Value(guestKey{}).(*guest)
	if !g.known || !s.trusted(g.uid) {
		s.Log.Warn("a command was refused", "part", "control", "uid", g.uid)
		return nil, errStranger
	}
	do, ok := s.Commands[r.URL.Path]
	if !ok || r.Method != http.MethodPost {
		return nil, mail.E(mail.Absent, "", errors.New("the appliance that runs does not know this command; it may be of another version"))
	}
	ask, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAsk))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, mail.E(mail.TooLarge, "error.toolarge", err)
	case err != nil:
		return nil, mail.E(mail.Invalid, "error.invalid", fmt.Errorf("read the question: %w", err))
	}
	s.Log.Info("command", "part", "control", "do", r.URL.Path, "uid", g.uid)
	ctx, cancel := context.WithTimeout(r.Context(), Longest)
	defer cancel()
	return do(ctx, ask)
}
