package office_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/outbox"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
	"sigill/appliance/vault/vaulttest"
)

var ctx = context.Background()

// clock stands until it is turned.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Running() time.Duration { return 0 }

func (c *clock) goes(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// town is an office over a true store, with the custodians' keys.
type town struct {
	*office.Office
	t        *testing.T
	clock    *clock
	dir      string // of db
	db       *vault.DB
	store    *store
	app      *keyring.App
	stretch  *keyring.Stretcher
	recovery seal.PrivateKey
	helper   seal.PrivateKey
	woken    atomic.Int32
	out      []mail.ID // whose sessions were ended
	domains  []string
}

func newTown(t *testing.T) *town {
	t.Helper()
	t.Parallel()
	x := &town{
		t: t, dir: t.TempDir(), clock: &clock{now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)}, app: keyring.NewApp(seal.NewSecret(), keyring.NewSalt()),
		stretch: keyring.NewStretcher(cheap, 2, nil), recovery: seal.PrivateKeyOf(seal.NewSecret()), helper: seal.PrivateKeyOf(seal.NewSecret()),
	}
	var err error
	x.db, err = vaulttest.Open(t, vault.Config{Dir: x.dir, Clock: x.clock, Log: quiet})
	fine(t, err)
	t.Cleanup(func() { x.db.Close() })
	x.store = &store{DB: x.db, slots: map[mail.Slot]bool{}}
	x.Office = x.another()
	return x
}

// cheap is what passwords cost here; the true cost has its tests in keyring.
var cheap = keyring.Cost{Passes: 1, Memory: 64}

// leakedOne is the password that was leaked; the true lists have their tests in leaked.
const leakedOne = "Detta läckte 2019"

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// another is an office of the next process: it remembers nobody.
func (x *town) another() *office.Office {
	o := office.New(office.Config{
		Store: x.store, House: "Exempelkommun", App: x.app, Stretch: x.stretch, Recovery: x.recovery.Public(), Helper: x.helper.Public(),
		Domains: func() []string { return append([]string{"kommun.example", "skola.example"}, x.domains...) }, Sign: "Socialtjänsten", Lang: "sv",
		Leaked:  func(p string) bool { return p == leakedOne },
		LainFor: func(now time.Time, n int) time.Time { return now.AddDate(0, 0, -n) },
		Clock:   x.clock, Log: quiet, Wake: func() { x.woken.Add(1) }, SignOut: func(id mail.ID) { x.out = append(x.out, id) },
	})
	fine(x.t, o.Load(ctx))
	return o
}

// person is somebody whom the office meets now.
func (x *town) person(a mail.Address) mail.Person {
	x.t.Helper()
	r, ok, err := x.Resident(ctx, a, "Ulla Ek")
	fine(x.t, err)
	if !ok {
		x.t.Fatalf("%s is nobody of the house", a)
	}
	return x.personRow(r.ID)
}

func (x *town) personRow(id mail.ID) (p mail.Person) {
	x.t.Helper()
	x.view(func(tx *vault.ReadTx) (err error) { p, err = tx.Person(id); return err })
	return p
}

// notices are all mails that wait.
func (x *town) notices() (list []mail.Notice) {
	x.t.Helper()
	x.view(func(tx *vault.ReadTx) error {
		rows, err := tx.DueOutgoing(x.clock.Now(), 1000)
		for _, o := range rows {
			v, err2 := tx.SlotValue(o.Slot)
			key, err3 := x.app.OpenSlot(byte(o.Slot.File), o.Slot.N, v)
			if err = errors.Join(err, err2, err3); err != nil {
				return err
			}
			n, err2 := outbox.Open(x.app, key, o)
			err = errors.Join(err, err2)
			list = append(list, n)
		}
		return err
	})
	return list
}

// invitation is the code that waits for somebody.
func (x *town) invitation(a mail.Address) (mail.ID, keyring.CodeSecret) {
	x.t.Helper()
	for _, n := range x.notices() {
		if n.To == a && n.Kind == mail.NoticeInvitation {
			c, err := mail.ParseLinkCode(n.Code)
			fine(x.t, err)
			secret := x.app.Code(c.Secret())
			var row mail.Code
			x.view(func(tx *vault.ReadTx) (err error) { row, err = tx.CodeByLocator(secret.Locator); return err })
			return row.ID, secret
		}
	}
	x.t.Fatalf("no invitation to %s", a)
	return mail.ID{}, keyring.CodeSecret{}
}

func (x *town) view(f func(tx *vault.ReadTx) error) {
	x.t.Helper()
	fine(x.t, x.db.View(ctx, f))
}

// wraps are a person's seed wraps with what is in their slots.
func (x *town) wraps(p mail.ID) (wraps map[mail.SeedKind]mail.SeedWrap, keys map[mail.SeedKind]seal.Secret) {
	x.t.Helper()
	wraps, keys = map[mail.SeedKind]mail.SeedWrap{}, map[mail.SeedKind]seal.Secret{}
	x.view(func(tx *vault.ReadTx) error {
		list, err := tx.SeedWraps(p)
		for _, w := range list {
			v, err2 := tx.SlotValue(w.Slot)
			key, err3 := x.app.OpenSlot(byte(w.Slot.File), w.Slot.N, v)
			err = errors.Join(err, err2, err3)
			wraps[w.Kind], keys[w.Kind] = w, key
		}
		return err
	})
	return wraps, keys
}

// store is the vault as the office sees it.
type store struct {
	*vault.DB
	mu      sync.Mutex
	slots   map[mail.Slot]bool // set aside, and not given back or erased
	reserve func() error       // called before slots are set aside
	after   func()             // called when a transaction is durable
	inside  error              // what ends a transaction after all was written
	eraser  error              // what erasing comes to
}

func (s *store) Update(ctx context.Context, f func(office.Tx) error) error {
	err := s.DB.Update(ctx, func(tx *vault.Tx) error { return errors.Join(f(tx), s.inside) })
	if s.after != nil && err == nil {
		s.after()
	}
	return err
}

func (s *store) View(ctx context.Context, f func(office.ReadTx) error) error {
	return s.DB.View(ctx, func(tx *vault.ReadTx) error { return f(tx) })
}

func (s *store) Reserve(file mail.SlotFile, n int) ([]mail.Slot, error) {
	if s.reserve != nil {
		if err := s.reserve(); err != nil {
			return nil, err
		}
	}
	list, err := s.DB.Reserve(file, n)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range list {
		s.slots[x] = true
	}
	return list, err
}

func (s *store) Unreserve(list []mail.Slot) {
	s.DB.Unreserve(list)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range list {
		delete(s.slots, x)
	}
}

func (s *store) EraseSlots(ctx context.Context, list []mail.Slot) error {
	if s.eraser != nil {
		return s.eraser
	}
	s.mu.Lock()
	for _, x := range list {
		delete(s.slots, x)
	}
	s.mu.Unlock()
	return s.DB.EraseSlots(ctx, list)
}

// want holds an error against a kind.
func want(t testing.TB, err error, k mail.Kind) {
	t.Helper()
	if err == nil || mail.KindOf(err) != k {
		t.Errorf("error %v, want one of the kind %v", err, k)
	}
}

func fine(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
