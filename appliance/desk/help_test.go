package desk_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/policy"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
	"sigill/appliance/vault/vaulttest"
)

var ctx = context.Background()

// The people of these tests.
const (
	caseworker = mail.Address("ulla@kommun.example")
	colleague  = mail.Address("kim@kommun.example")
	anna       = mail.Address("anna@example.se")
	bo         = mail.Address("bo@example.se")
	annaPhone  = mail.Phone("+46701234567")
	boPhone    = mail.Phone("+46707654321")
)

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

func (c *clock) Running() time.Duration { return c.Now().Sub(noon) }

func (c *clock) goes(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) days(n int) { c.goes(time.Duration(n) * 24 * time.Hour) }

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// house is a desk over a true store, with people whose keys the test has.
type house struct {
	over     mail.ID                  // whose group is over
	lite     mail.ID                  // who has a light plan of three letters a week
	contacts map[mail.ID]mail.Address // whom an owner finds in contact lists
	*desk.Desk
	t          testing.TB
	dir        string
	clock      *clock
	db         *vault.DB
	store      *store
	app        *keyring.App
	rules      policy.Rules
	sure       error
	waking     sync.Mutex // guards woken
	woken      int
	seeds      map[mail.ID]seal.Secret
	people     map[string]mail.Person
	unshown    bool // inbox and phone were shown too long ago
	registered map[mail.Address]mail.Phone
	boxes      map[string]*box // function mailboxes
	// Who gets answers beside the owner, by owner and writer.
	followers map[[2]mail.ID][]mail.Resident
	seen      map[mail.ID]bool // notices that news has returned
	sent      map[mail.ID]bool // messages that accept has returned
}

// newHouse opens an empty store. Each test has its own, so they run side by side: most
// of their time goes by waiting for the disk.
func newHouse(t *testing.T) *house {
	t.Helper()
	t.Parallel()
	return houseOf(t)
}

// houseOf is newHouse that runs alone, for what is measured.
func houseOf(t testing.TB) *house {
	t.Helper()
	h := &house{
		t: t, dir: t.TempDir(), clock: &clock{now: noon}, app: keyring.NewApp(seal.NewSecret(), keyring.NewSalt()),
		rules: policy.Rules{Zone: time.UTC, EID: true, Letter: true}, seeds: map[mail.ID]seal.Secret{}, people: map[string]mail.Person{}, registered: map[mail.Address]mail.Phone{}, boxes: map[string]*box{}, followers: map[[2]mail.ID][]mail.Resident{}, seen: map[mail.ID]bool{}, sent: map[mail.ID]bool{},
	}
	h.open()
	t.Cleanup(func() { h.db.Close() })
	return h
}

// open opens the store, again if it was open: a restart, of which nothing in memory is
// left.
func (h *house) open() {
	h.t.Helper()
	if h.db != nil {
		h.fine(h.db.Close())
	}
	var err error
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	h.db, err = vaulttest.Open(h.t, vault.Config{Dir: h.dir, Clock: h.clock, Log: log})
	h.fine(err)
	h.store = &store{DB: h.db, slots: map[mail.Slot]bool{}}
	h.Desk = desk.New(desk.Config{
		Store: h.store, App: h.app, Directory: h, Clock: h.clock, Log: log, Wake: h.wake,
		House: func(context.Context) (desk.House, error) {
			return desk.House{Rules: h.rules, Lang: "sv"}, nil
		},
		Sign:     func(mail.ID) string { return "Socialtjänsten" },
		Faithful: func(raw []byte) []byte { return bytes.ReplaceAll(raw, []byte("[sekretess] "), nil) },
		Sure:     func() error { return h.sure },
	})
}

func (h *house) wake() {
	h.waking.Lock()
	defer h.waking.Unlock()
	h.woken++
}

func (h *house) fine(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) view(f func(tx *vault.ReadTx) error) {
	h.t.Helper()
	h.fine(h.db.View(ctx, f))
}

// Resident makes everybody at kommun.example a person of the house.
func (h *house) WouldBe(ctx context.Context, a mail.Address) (mail.Resident, bool, error) {
	_, box := h.boxes[a.Key()]
	if _, ok := h.people[a.Key()]; !ok && !box && a.Domain() == "kommun.example" {
		return mail.Resident{Profile: mail.Profile{Address: a}}, true, nil
	}
	return h.Resident(ctx, a, "")
}

func (h *house) Resident(_ context.Context, a mail.Address, name string) (mail.Resident, bool, error) {
	if m, ok := h.boxes[a.Key()]; ok {
		return m.Resident, true, nil
	}
	if a.Domain() != "kommun.example" {
		return mail.Resident{}, false, nil
	}
	if p, ok := h.people[a.Key()]; ok {
		return h.resident(p), true, nil
	}
	return h.resident(h.makePerson(a, mail.HousePerson)), true, nil
}

func (h *house) makePerson(a mail.Address, kind mail.PersonKind) mail.Person {
	h.t.Helper()
	seed := seal.NewSecret()
	p := mail.Person{ID: mail.NewID(), Lookup: h.app.Lookup(a.Key()), Public: seal.PrivateKeyOf(seed).Public().Bytes(), At: h.clock.Now(), Kind: kind}
	f, err := json.Marshal(mail.Profile{Address: a, Name: a.Local(), Lang: "fi"})
	h.fine(err)
	p.Columns = h.app.SealProfile(p.ID, f)
	h.people[a.Key()], h.seeds[p.ID] = p, seed
	h.fine(h.db.Update(ctx, func(tx *vault.Tx) error { return tx.PutPerson(p) }))
	return p
}

// Recipients is part of the directory.
func (h *house) Recipients(_ context.Context, list []mail.Address) (map[string]mail.Recipient, error) {
	found := map[string]mail.Recipient{}
	for _, a := range list {
		if phone, ok := h.registered[a]; ok {
			p := h.people[a.Key()]
			found[a.Key()] = mail.Recipient{Resident: h.resident(p), Phone: phone, Since: p.At, PhoneShown: !h.unshown, Shown: !h.unshown}
		}
	}
	return found, nil
}

// register makes a registered recipient, signed in.
func (h *house) register(a mail.Address, phone mail.Phone) desk.Reader {
	h.t.Helper()
	p := h.makePerson(a, mail.RecipientPerson)
	h.registered[a] = phone
	return desk.Reader{Actor: mail.Actor{Kind: mail.ActorPerson, ID: p.ID}, Key: keyring.NewPerson(p.ID, h.seeds[p.ID])}
}

// Owner is part of the directory.
func (h *house) Owner(_ context.Context, id mail.ID) (mail.Resident, error) {
	for _, m := range h.boxes {
		if m.ID == id {
			return m.Resident, nil
		}
	}
	for _, p := range h.people {
		if p.ID == id {
			return h.resident(p), nil
		}
	}
	return mail.Resident{}, mail.E(mail.Absent, "error.absent", nil)
}

// Readers is part of the directory.
func (h *house) Readers(ctx context.Context, owner mail.ID) (list []mail.Profile, err error) {
	for _, b := range h.boxes {
		if b.ID == owner {
			for _, m := range b.members {
				r, err := h.Owner(ctx, m.ID)
				if err != nil {
					return nil, err
				}
				list = append(list, r.Profile)
			}
			return list, nil
		}
	}
	r, err := h.Owner(ctx, owner)
	return []mail.Profile{r.Profile}, err
}

// Followers is part of the directory.
func (h *house) Followers(_ context.Context, owner, writer mail.ID) ([]mail.Resident, error) {
	return h.followers[[2]mail.ID{owner, writer}], nil
}

// Allowance is part of the directory.
func (h *house) Allowance(owner mail.ID) mail.Allowance {
	if !owner.IsZero() && owner == h.lite {
		return mail.Allowance{Plan: mail.PlanLite, Week: 3, Met: true}
	}
	return mail.Allowance{Plan: mail.PlanBusiness}
}

// LinkFree is part of the directory.
func (h *house) LinkFree(mail.ID) bool { return false }

// OutOfContacts is part of the directory.
func (h *house) OutOfContacts(_ context.Context, owner mail.ID, with []mail.Address) (map[string]mail.Address, error) {
	out := map[string]mail.Address{}
	for _, a := range with {
		if h.contacts[owner] != a {
			out[a.Key()] = a
		}
	}
	return out, nil
}

// MayWrite is part of the directory.
func (h *house) MayWrite(person mail.ID) bool { return h.over.IsZero() || person != h.over }

func (h *house) resident(p mail.Person) mail.Resident {
	var f mail.Profile
	b, err := h.app.OpenProfile(p.ID, p.Columns)
	h.fine(err)
	h.fine(json.Unmarshal(b, &f))
	return mail.Resident{ID: p.ID, Key: p.ID, Public: p.Public, Profile: f}
}

// staff is somebody of the house, signed in.
func (h *house) staff(a mail.Address) desk.Reader {
	h.t.Helper()
	p, ok, err := h.Resident(ctx, a, "")
	h.fine(err)
	if !ok {
		h.t.Fatalf("%s is nobody of the house", a)
	}
	return desk.Reader{Actor: mail.Actor{Kind: mail.ActorPerson, ID: p.ID}, Key: keyring.NewPerson(p.ID, h.seeds[p.ID])}
}

var sender = mail.Actor{Kind: mail.ActorSender}

// toAnna and the others are recipients as a door names them.
func toAnna() mail.Request {
	return mail.Request{Given: string(anna) + ".0701234567.s", Address: anna, Name: "Anna Berg", Phone: annaPhone}
}

func toBo() mail.Request { return mail.Request{Address: bo, Phone: boPhone} }

func toColleague() mail.Request { return mail.Request{Address: colleague, Name: "Kim"} }

// toNobody has no number and waits.
func toNobody() mail.Request {
	return mail.Request{Given: "eva@example.se.s", Address: "eva@example.se"}
}

func letterTo(to ...mail.Request) *mail.Draft {
	return &mail.Draft{From: caseworker, To: to, Subject: "Beslut om bistånd", Text: "Du får bistånd.\n", MessageID: "1@kommun.example"}
}

// accept takes a draft and returns the message.
func (h *house) accept(dr *mail.Draft) mail.ID {
	h.t.Helper()
	h.fine(h.Accept(ctx, sender, dr))
	lines, err := h.Mailbox(ctx, h.staff(dr.From), mail.MailboxQuery{Folder: mail.Sent, Limit: 200})
	h.fine(err)
	for _, l := range lines {
		if id := l.Message.ID; !h.sent[id] {
			h.sent[id] = true
			return id
		}
	}
	h.t.Fatal("nothing was sent")
	return mail.ID{}
}

// news returns the notices that stand in the outbox since the last call.
func (h *house) news() []desk.Due {
	h.t.Helper()
	list, err := h.Next(ctx, h.clock.Now(), 1000)
	h.fine(err)
	list = slices.DeleteFunc(list, func(n desk.Due) bool { return h.seen[n.ID] })
	for _, n := range list {
		h.seen[n.ID] = true
	}
	return list
}

// kinds are the kinds of notices, sorted.
func kinds(list []desk.Due) (k []mail.NoticeKind) {
	for _, n := range list {
		k = append(k, n.Notice.Kind)
	}
	slices.Sort(k)
	return k
}

// one returns the only new notice of a kind.
func (h *house) one(k mail.NoticeKind) desk.Due {
	h.t.Helper()
	var found []desk.Due
	for _, n := range h.news() {
		if n.Kind == k {
			found = append(found, n)
		}
	}
	if len(found) != 1 {
		h.t.Fatalf("%d notices %s", len(found), k)
	}
	return found[0]
}

func (h *house) code(n desk.Due) mail.LinkCode {
	h.t.Helper()
	c, err := mail.ParseLinkCode(n.Notice.Code)
	h.fine(err)
	return c
}

func (h *house) look(c mail.LinkCode) desk.Letter {
	h.t.Helper()
	l, err := h.Look(ctx, c)
	h.fine(err)
	return l
}

// guest is who has shown a code and a proof.
func (h *house) guest(c mail.LinkCode) (desk.Reader, desk.Letter) {
	h.t.Helper()
	l := h.look(c)
	r, err := h.Admit(ctx, l, "sms")
	h.fine(err)
	return r, l
}

// letter is a letter to Anna, with who is concerned.
type letter struct {
	message, house, anna mail.ID
	code                 mail.LinkCode
}

func (h *house) letter(dr *mail.Draft) letter {
	h.t.Helper()
	m := h.accept(dr)
	l := letter{message: m, code: h.code(h.one(mail.NoticeLetter)), house: h.holders(m)[0].ID}
	l.anna = h.look(l.code).Holder
	return l
}

// holders are all holders of a message, the house's first.
func (h *house) holders(m mail.ID) (list []mail.Holder) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) (err error) { list, err = tx.Holders(m); return err })
	return list
}

func (h *house) holder(id mail.ID) (x mail.Holder) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) (err error) { x, err = tx.Holder(id); return err })
	return x
}

func (h *house) message(id mail.ID) (m mail.Message) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) (err error) { m, err = tx.Message(id); return err })
	return m
}

// steps are the kinds of what happened to a holder.
func (h *house) steps(id mail.ID) (k []mail.StepKind) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) error {
		list, err := tx.Steps(id)
		for _, s := range list {
			k = append(k, s.Kind)
		}
		return err
	})
	return k
}

func count[T comparable](list []T, x T) (n int) {
	for _, y := range list {
		if x == y {
			n++
		}
	}
	return n
}

// parts are the rows of a message's content.
func (h *house) parts(m mail.ID) (list []mail.Part) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) (err error) { list, err = tx.Parts(m); return err })
	return list
}

// blobFiles are the files that the store has on its disk.
func (h *house) blobFiles() (list []string) {
	h.t.Helper()
	h.fine(filepath.WalkDir(filepath.Join(h.dir, "blobs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path)
		}
		return err
	}))
	return list
}

// holdsNoMore says that no slot is set aside but those that rows name.
func (h *house) holdsNoMore(t *testing.T, messages ...mail.ID) {
	t.Helper()
	named := map[mail.Slot]bool{}
	name := func(s mail.Slot) {
		if !s.IsZero() {
			named[s] = true
		}
	}
	h.view(func(tx *vault.ReadTx) error {
		out, err := tx.DueOutgoing(h.clock.Now().AddDate(1, 0, 0), 1000)
		for _, o := range out {
			name(o.Slot)
		}
		for _, id := range messages {
			m, err2 := tx.Message(id)
			name(m.Slot)
			holders, err3 := tx.Holders(id)
			err = errors.Join(err, err2, err3)
			for _, x := range holders {
				name(x.Slot)
				codes, err2 := tx.CodesOf(x.ID)
				err = errors.Join(err, err2)
				for _, c := range codes {
					name(c.Slot)
				}
			}
		}
		return err
	})
	for s := range named {
		if !h.store.slots[s] {
			t.Errorf("slot %v stands in a row and was given back", s)
		}
	}
	for s := range h.store.slots {
		if !named[s] {
			t.Errorf("slot %v is set aside for nothing", s)
		}
	}
}

// store is the vault as the desk sees it, with steps that may be broken.
type store struct {
	*vault.DB
	mu    sync.Mutex
	slots map[mail.Slot]bool // set aside, and not given back or erased
	done  []string           // the steps that change something, in order
	// before and after may break a step: as if it were never done, or done and the
	// process dead.
	before, after func(step string) error
	tx            func(desk.Tx) desk.Tx // what the desk gets for its transaction
	spoil         mail.ID               // a blob of which the disk has turned the last bits
	spoils        func()                // is called when it is read; may be nil
	inside        error                 // what ends the next transaction after all was written
}

func (s *store) step(name string, do func() error) error {
	s.mu.Lock()
	s.done = append(s.done, name)
	before, after := s.before, s.after
	s.mu.Unlock()
	if before != nil {
		if err := before(name); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	if after != nil {
		return after(name)
	}
	return nil
}

func (s *store) Update(ctx context.Context, f func(desk.Tx) error) error {
	return s.step("update", func() error {
		return s.DB.Update(ctx, func(tx *vault.Tx) error {
			var t desk.Tx = tx
			if s.tx != nil {
				t = s.tx(tx)
			}
			return errors.Join(f(t), s.inside)
		})
	})
}

func (s *store) View(ctx context.Context, f func(desk.ReadTx) error) error {
	return s.DB.View(ctx, func(tx *vault.ReadTx) error { return f(tx) })
}

func (s *store) OpenBlob(id mail.ID) (desk.Blob, int64, error) {
	b, n, err := s.DB.OpenBlob(id)
	if err == nil && id == s.spoil {
		return spoilt{b, n, s.spoils}, n, nil
	}
	return b, n, err
}

// spoilt is a blob whose bytes in the middle are others.
type spoilt struct {
	desk.Blob
	size int64
	read func()
}

func (s spoilt) ReadAt(b []byte, off int64) (int, error) {
	if s.read != nil {
		s.read()
	}
	n, err := s.Blob.ReadAt(b, off)
	if at := s.size/4 - off; at >= 0 && at < int64(n) {
		b[at] ^= 1
	}
	return n, err
}

func (s *store) PutBlob(ctx context.Context, id mail.ID, c mail.Ciphertext) (n int64, err error) {
	err = s.step("put blob", func() error { n, err = s.DB.PutBlob(ctx, id, c); return err })
	return n, err
}

func (s *store) Reserve(file mail.SlotFile, n int) (list []mail.Slot, err error) {
	err = s.step("reserve", func() error { list, err = s.DB.Reserve(file, n); return err })
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range list {
		s.slots[x] = true
	}
	return list, err
}

func (s *store) Unreserve(list []mail.Slot) {
	s.DB.Unreserve(list)
	s.forget(list)
}

func (s *store) forget(list []mail.Slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range list {
		delete(s.slots, x)
	}
}

func (s *store) EraseSlots(ctx context.Context, list []mail.Slot) error {
	s.forget(list)
	return s.step("erase slots", func() error { return s.DB.EraseSlots(ctx, list) })
}

func (s *store) EraseBlob(ctx context.Context, id mail.ID) error {
	return s.step("erase blob", func() error { return s.DB.EraseBlob(ctx, id) })
}

func (s *store) Destroyed(ctx context.Context, list []mail.Ended) error {
	return s.step("destroyed", func() error { return s.DB.Destroyed(ctx, list) })
}

var errCrash = errors.New("crash")

// breaks lets the n-th step of a name fail, and all that come after it.
func breaks(name string, n int) func(string) error {
	return func(step string) error {
		if step == name {
			n--
		}
		if n <= 0 {
			return errCrash
		}
		return nil
	}
}

// refuses lets the n-th step of a name fail, and no other.
func refuses(name string, n int) func(string) error {
	var mu sync.Mutex // blobs are put side by side
	return func(step string) error {
		mu.Lock()
		defer mu.Unlock()
		if step == name {
			if n--; n == 0 {
				return mail.E(mail.Again, "error.again", nil)
			}
		}
		return nil
	}
}

// whole lets all steps work again.
func (s *store) whole() { s.before, s.after, s.inside, s.tx, s.done = nil, nil, nil, nil, nil }

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

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// all reads a whole file and closes it.
func all(t testing.TB, f *desk.File, err error) []byte {
	t.Helper()
	fine(t, err)
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	fine(t, err)
	if int64(len(b)) != f.Size() {
		t.Errorf("%d bytes of %d", len(b), f.Size())
	}
	return b
}
