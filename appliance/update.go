package appliance

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/door/admin"
	"sigill/appliance/erase"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
	"sigill/embed"
	"sigill/updater"
)

// Program is the program that runs, as a new one takes its place.
type Program struct {
	Version string
	Config  string // the configuration's file, for a new program that is tried
	Log     *Log   // goes on as a file says that is read anew; nil: as it is
}

// keeperDir is where the step before each start keeps what the service may not write.
const keeperDir = "/var/lib/sigill-update"

// The ways in which a new program comes to its place.
const (
	bySelf    = "self"    // this process may write there
	byManager = "service" // the service manager has a step that may, before each start
	byNobody  = "none"    // the program is part of something that is replaced as a whole
)

// updates is what a process knows of newer programs, from its start to its end; the appliance
// may be opened more than once meanwhile.
type updates struct {
	program Program
	path    string // of its file
	boot    *Boot  // holds the key that somebody has unlocked
	way     string
	data    string
	service *updater.Service
	keeper  *updater.Keeper
	source  updater.Source
	keys    updater.Keys
	// schedule says when the source is looked at, as cron does.
	schedule string
	seen     string // file with what was seen, outside of the data
	log      *slog.Logger

	working sync.Mutex // held by who fetches, takes or installs
	wanted  chan struct{}

	mu    sync.Mutex
	state updateState
}

// newUpdates reads where the program is, and whose signatures count.
func newUpdates(f config.Config, p Program, clock mail.Clock, log *slog.Logger) (*updates, error) {
	u := &updates{program: p, data: f.Data, seen: filepath.Join(f.Keys, "update.seen"), schedule: f.Update.Schedule, log: log, wanted: make(chan struct{}, 1)}
	var err error
	if u.path, err = os.Executable(); err != nil {
		return nil, err
	}
	if u.source, err = updateSource(f.Update); err != nil {
		return nil, err
	}
	dir, kept := filepath.Join(f.Data, "update"), filepath.Join(f.Data, "update", "kept")
	_, managed := os.LookupEnv("NOTIFY_SOCKET")
	st, err := os.Stat(keeperDir)
	switch {
	case updater.MayWrite(u.path):
		u.way = bySelf
	case managed && err == nil && st.IsDir():
		u.way, kept = byManager, keeperDir
	default:
		u.way = byNobody
	}
	if u.way == byManager {
		named := f.Update.Keys
		if f = rootsKeys(f); len(named) > len(f.Update.Keys) {
			log.Warn("update.keys in the file does not count here, for the service could change it: name them in SIGILL_UPDATE_KEYS in /etc/default/sigill", "part", "update")
		}
	}
	if u.keys, err = releaseKeys(f.Update); err != nil {
		return nil, err
	}
	u.service = &updater.Service{
		Dir: dir, Version: p.Version, Program: u.path, Keys: u.keys, Keeper: kept, Disk: updater.Machine{}, Try: u.try, Now: clock.Now,
		Data: updater.Data{
			Dir: f.Data, Copied: []string{"sigill.db", "sigill.db-wal"}, Made: []string{"sigill.db-shm"},
			Hold:  func() (io.Closer, error) { return vault.Hold(f.Data) },
			Erase: func(path string) error { return erase.Remove(erase.Machine{}, path) },
		},
	}
	u.keeper = &updater.Keeper{Dir: kept, Program: u.path, Service: dir, Version: p.Version, Platform: platform(), Keys: u.keys, Disk: updater.Machine{}, Anew: u.way == bySelf}
	return u, nil
}

// platform is what kind of computer this is, as bundles have it.
func platform() string { return runtime.GOOS + "-" + runtime.GOARCH }

// rootsKeys is a configuration with the keys of those who release as only root can name them: in
// the environment, as the service manager sets it. The file is the service's to write, and who
// has its account could else name keys of their own, by which root would take their program.
func rootsKeys(f config.Config) config.Config {
	if !f.FromEnvironment("update.keys") {
		f.Update.Keys = nil
	}
	return f
}

// releaseKeys are those that the configuration names, or those that are built in.
func releaseKeys(u config.Update) (updater.Keys, error) {
	texts := u.Keys
	if len(texts) == 0 {
		for line := range strings.Lines(embed.ReleaseKeys) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				texts = append(texts, line)
			}
		}
	}
	keys, err := updater.ParseKeys(texts)
	if err != nil {
		return nil, fmt.Errorf("update.keys: %w", err)
	}
	return keys, nil
}

// updateSource is where newer programs lie. Who answers there is known by its certificate,
// and leads nowhere else.
func updateSource(u config.Update) (updater.Source, error) {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	if u.CAFile != "" {
		roots, err := courier.LoadRoots(u.CAFile)
		if err != nil {
			return updater.Source{}, fmt.Errorf("update.ca_file: %w", err)
		}
		t.TLSClientConfig.RootCAs = roots
	}
	return updater.Source{Place: u.Source, Platform: platform(), Client: &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("the source of updates leads elsewhere") },
	}}, nil
}

// returnStill puts the program before in its place, of a service that does not run.
func returnStill(f config.Config, version string) (updater.Program, error) {
	u, err := newUpdates(f, Program{Version: version}, NewWall(), slog.New(slog.DiscardHandler))
	if err != nil {
		return updater.Program{}, err
	}
	if _, err := os.Stat(keeperDir); err == nil {
		u.keeper.Dir = keeperDir
	}
	if u.way != bySelf {
		return updater.Program{}, fmt.Errorf("no appliance is running, and only who may replace %s can go back without it", u.path)
	}
	return u.keeper.Return()
}

// AttendUpdate is the step before each start, of who may write where the program is: see
// updater.Keeper. It says what it has done.
func AttendUpdate(f config.Config, version string) (string, error) {
	u, err := newUpdates(rootsKeys(f), Program{Version: version}, NewWall(), slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	if u.keeper.Dir, u.keeper.Anew = keeperDir, false; u.way != bySelf {
		return "", fmt.Errorf("%s cannot be replaced from here", u.path)
	}
	swapped, err := u.keeper.Attend()
	if err != nil || !swapped {
		return "", err
	}
	r, err := updater.ReadRecord(keeperDir)
	return fmt.Sprintf("%s is version %s now.\n", u.path, r.Program.Version), err
}

// updatesOf are those of one reading of the configuration; the first time it goes on from
// where the process before has ended. There are none before the set-up is through.
func updatesOf(f config.Config, p Program, boot *Boot, log *slog.Logger, first bool) (*updates, error) {
	if f.Unfinished {
		return nil, nil
	}
	u, err := newUpdates(f, p, NewWall(), log)
	if err != nil {
		return nil, err
	}
	if u.boot = boot; first {
		if err := u.begin(); err != nil {
			return nil, err
		}
		faultyStart()
	}
	return u, nil
}

// begin goes on from where the process before has ended. It is called before the store is
// opened for the first time.
func (u *updates) begin() error {
	if _, err := os.Stat(u.data); err != nil {
		return nil // the first start of all
	}
	if u.way == bySelf {
		if err := u.swap(); err != nil {
			u.log.Error("the program is not replaced", "part", "update", "err", err)
		}
	}
	j, err := u.service.Settle()
	if err != nil {
		return fmt.Errorf("an update was broken off, and cannot be taken back: %w", err)
	}
	if j.Phase == updater.Returned {
		u.log.Warn("the last update was taken back", "part", "update", "version", j.To.Version, "why", j.Why)
	}
	return nil
}

// swap has the keeper do what is to be done, and goes on as the other program if that stands
// there now. It returns if it does not.
func (u *updates) swap() error {
	swapped, err := u.keeper.Attend()
	if !swapped {
		return err
	}
	u.log.Info("another program goes on", "part", "update")
	return errors.Join(err, syscall.Exec(u.path, os.Args, os.Environ()))
}

// asked reports whether somebody has asked for another program, once.
func (u *updates) asked() bool {
	select {
	case <-u.wanted:
		return true
	default:
		return false
	}
}

// between does what is done with the doors shut and the store closed. gone: this process is
// to end, for the service manager has the rest.
func (u *updates) between(ctx context.Context) (gone bool, err error) {
	u.mu.Lock()
	form, back := u.state.form, u.state.back
	u.state = updateState{}
	u.mu.Unlock()
	if back != (updater.Program{}) {
		err = u.service.GoBack(back)
	} else {
		err = u.service.Install(ctx, form)
	}
	if err != nil {
		u.log.Error("the update is taken back", "part", "update", "err", err)
		// What could not be set right is tried again at each start.
		_, err = u.service.Settle()
		return false, err
	}
	if u.way == byManager {
		return true, nil
	}
	err = u.swap() // returns only if that was nothing
	u.log.Error("the program is not replaced", "part", "update", "err", err)
	_, err = u.service.Settle()
	return false, err
}

// opening says that the doors are about to open.
func (u *updates) opening() error { return u.service.Opened() }

// run ends with errUpdate when somebody has asked for another program.
func (u *updates) run(ctx context.Context) error {
	select {
	case <-u.wanted:
		poke(u.wanted)
		return errUpdate
	case <-ctx.Done():
		return nil
	}
}

// errUpdate ends an appliance so that another program may take its place.
var errUpdate = errors.New("another program is to take over")

var _ admin.Updates = updating{}
