// Package metrics is the listener for Prometheus: figures of the machine, and whether it is
// well.
//
// It never says anything about a person or a letter: a figure's label is one of a few words
// of ours. It answers this computer and the networks that were named, and nobody else.
//
// On the wire is HTTP without TLS: GET /metrics in Prometheus' text form, and GET /healthz
// with the names of the checks that fail.
//
// What holds always: a figure is counted when somebody asks, and nothing is kept for it.
package metrics

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Figure is one figure, or one for each of a few words.
type Figure struct {
	Name  string // "sigill_…"
	Help  string
	Count bool   // it only grows while the process runs
	Label string // the label's name; "" if there is one value
	Of    []Value
}

// Value is a figure of one word.
type Value struct {
	Label string
	N     float64
}

// Config is what New needs.
type Config struct {
	Listener net.Listener
	Trusted  []netip.Prefix // that may ask besides this computer
	// Figures counts. The error says that nothing could be.
	Figures func(ctx context.Context) ([]Figure, error)
	// Failing are the names of the checks that fail.
	Failing func() []string
	Log     *slog.Logger
}

// Server answers Prometheus.
type Server struct {
	c    Config
	http *http.Server
}

const (
	askTime  = 10 * time.Second // of one question
	stopTime = 2 * time.Second
)

// New makes the server; it answers once Run is called.
func New(c Config) *Server {
	s := &Server{c: c}
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), s)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(r, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: askTime}))
	mux.HandleFunc("GET /healthz", s.health)
	s.http = &http.Server{
		Handler: s.known(mux), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 2 * askTime, IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(c.Log.With("part", "metrics").Handler(), slog.LevelDebug),
	}
	return s
}

// Handler is what answers.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// known lets in who may ask.
func (s *Server) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		ip := from.Addr().Unmap()
		ok := err == nil && ip.IsLoopback()
		for _, p := range s.c.Trusted {
			ok = ok || err == nil && p.Contains(ip)
		}
		if !ok {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	failing := s.c.Failing()
	if len(failing) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(strings.Join(failing, "\n") + "\n"))
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

// Describe implements prometheus.Collector: what there is is found out by asking.
func (s *Server) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (s *Server) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	list, err := s.c.Figures(ctx)
	if err != nil {
		s.c.Log.Warn("figures", "part", "metrics", "err", err)
		to <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(err), errors.New("not counted now"))
		return
	}
	for _, f := range list {
		kind := prometheus.GaugeValue
		if f.Count {
			kind = prometheus.CounterValue
		}
		var labels []string
		if f.Label != "" {
			labels = []string{f.Label}
		}
		d := prometheus.NewDesc(f.Name, f.Help, labels, nil)
		for _, v := range f.Of {
			if f.Label == "" {
				to <- prometheus.MustNewConstMetric(d, kind, v.N)
				continue
			}
			to <- prometheus.MustNewConstMetric(d, kind, v.N, v.Label)
		}
	}
}

// Run answers until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- s.http.Serve(s.c.Listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		if s.http.Shutdown(stop) != nil {
			_ = s.http.Close()
		}
		<-done
		return nil
	}
}

// Close frees the port of a server that was never run.
func (s *Server) Close() error { return s.c.Listener.Close() }
