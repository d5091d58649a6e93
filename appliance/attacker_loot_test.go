package appliance_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigill/appliance"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// loot is what an attacker has. It knows no password, code or key but what is in it,
// and the program's source, which everybody has.
type loot struct {
	dirs  []string      // copies of files, in any state
	codes []string      // of mails that he has read
	seeds []seal.Secret // of sessions in memory
	guess []string      // passwords that he tries
	prfs  [][]byte      // what passkeys give
}

// got is what he reads, by the names of letters.
type got struct {
	content, meta  []string
	people, others int // profiles of the house; numbers that are remembered
}

// burglar opens what he can. Every list has what was found in all copies, and each is
// tried with each: a key from one copy opens what is in another.
type burglar struct {
	testing.TB
	name  func(mail.ID) string // of a letter, by its id
	loot  loot
	dbs   []*sql.DB
	files map[string][]string // paths by base name
	keys  []seal.Secret       // what is written as a key somewhere: tried as every key there is
	more  []seal.Secret       // 32 bytes that are something else: tried as K_app and as content keys

	private []seal.PrivateKey // of keys
	persons []*keyring.Person
	values  []mail.SlotWrite // in slot files
	apps    []*keyring.App
	slots   map[mail.Slot][]seal.Secret
	seeds   map[mail.ID][]seal.Secret // of people
	codes   map[string]keyring.CodeSecret
	pairs   map[mail.ID][]seal.PrivateKey
	cek     map[mail.ID][]seal.Secret
	opened  map[string]bool
	seen    map[string]bool
	shares  map[int]keyring.Page // of the recovery kit
	got     got
}

// page takes a page of the recovery kit: what it holds is tried as every key there is, and
// shares are joined as soon as there are enough.
func (b *burglar) page(p keyring.Page) {
	b.key(&b.keys, p.Secret().Bytes())
	if p.Kind != keyring.PageShare {
		return
	}
	if b.shares == nil {
		b.shares = map[int]keyring.Page{}
	}
	b.shares[p.Number] = p
	if c, err := keyring.Combine(slices.Collect(maps.Values(b.shares))); err == nil {
		b.key(&b.keys, c.Recovery.Bytes())
		b.key(&b.keys, c.Helper.Bytes())
	}
}

var (
	hexKey   = regexp.MustCompile(`[0-9a-f]{64}`)
	identity = regexp.MustCompile(`AGE-SECRET-KEY-PQ-1[0-9A-Z]{58}`)
	kitLine  = regexp.MustCompile(`SIGILL1:[0-9A-Z:/-]+`)
)

// burgle tries everything in the loot against everything in it.
func burgle(t testing.TB, name func(mail.ID) string, l loot) got {
	t.Helper()
	b := &burglar{
		TB: t, name: name, loot: l, files: map[string][]string{}, slots: map[mail.Slot][]seal.Secret{}, seeds: map[mail.ID][]seal.Secret{},
		codes: map[string]keyring.CodeSecret{}, pairs: map[mail.ID][]seal.PrivateKey{}, cek: map[mail.ID][]seal.Secret{}, opened: map[string]bool{}, seen: map[string]bool{},
	}
	b.collect()
	for _, db := range b.dbs {
		defer db.Close()
	}
	b.openApps()
	b.openSlots()
	for _, c := range l.codes {
		b.takeCode(c)
	}
	b.readOutbox()
	b.openSeeds()
	b.openPairs()
	b.openWraps()
	b.readLetters()
	b.readSpool()
	b.readMeta()
	for n := range b.opened {
		b.got.content = append(b.got.content, n)
	}
	for n := range b.seen {
		b.got.meta = append(b.got.meta, n)
	}
	slices.Sort(b.got.content)
	slices.Sort(b.got.meta)
	return b.got
}

// collect finds the stores, and whatever looks like a key.
func (b *burglar) collect() {
	b.Helper()
	for _, dir := range b.loot.dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b.files[d.Name()] = append(b.files[d.Name()], path)
			if ext := filepath.Ext(path); ext == ".slots" || ext == ".mirror" {
				return nil // megabytes of zeros; eachSlot reads what is not
			}
			content := readFile(b, path)
			for _, m := range hexKey.FindAll(content, -1) {
				k, _ := hex.DecodeString(string(m))
				b.key(&b.keys, k)
			}
			for _, m := range identity.FindAll(content, -1) {
				b.key(&b.keys, fromBech32(string(m)))
			}
			for _, m := range kitLine.FindAll(content, -1) {
				if p, err := keyring.ParsePage(string(m)); err == nil {
					b.page(p)
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.key(&b.keys, make([]byte, 32))
	for _, path := range b.files["sigill.db"] {
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			b.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		b.dbs = append(b.dbs, db)
		for _, q := range []string{"SELECT locator FROM code", "SELECT lookup FROM person", "SELECT lookup FROM contact", "SELECT name FROM counter", "SELECT hash FROM journal LIMIT 3", "SELECT who FROM journal LIMIT 3"} {
			for _, row := range rows(b, db, q) {
				b.key(&b.more, row[0].([]byte))
			}
		}
	}
	for _, s := range b.loot.seeds {
		b.key(&b.keys, s.Bytes())
	}
	for _, k := range b.keys {
		b.private = append(b.private, seal.PrivateKeyOf(k))
	}
}

func (b *burglar) key(list *[]seal.Secret, k []byte) {
	if s, err := seal.SecretOf(k); err == nil {
		*list = with(*list, s)
	}
}

// with adds a key to a list that has it not yet.
func with(list []seal.Secret, k seal.Secret) []seal.Secret {
	if slices.ContainsFunc(list, k.Equal) {
		return list
	}
	return append(list, k)
}

// fromBech32 returns the seed in an age identity; the check sum is not looked at.
func fromBech32(s string) []byte {
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	s = strings.ToLower(s[strings.LastIndex(s, "1")+1 : len(s)-6])
	var out []byte
	acc, bits := 0, 0
	for _, c := range s {
		acc, bits = acc<<5|strings.IndexRune(alphabet, c), bits+5
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
			acc &= 1<<bits - 1
		}
	}
	return out
}

// rows reads all rows of a query.
func rows(t testing.TB, db *sql.DB, q string, args ...any) (list [][]any) {
	t.Helper()
	r, err := db.Query(q, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	columns, _ := r.Columns()
	for r.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := r.Scan(into...); err != nil {
			t.Fatal(err)
		}
		list = append(list, row)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func id(v any) mail.ID { return mail.ID(v.([]byte)) }

// openApps takes every key for K_app, with the salt of every database, and keeps those
// that open something.
func (b *burglar) openApps() {
	for _, db := range b.dbs {
		for _, row := range rows(b, db, "SELECT value FROM setting WHERE name = 'salt'") {
			salt, err := fromBase64(row[0].(string))
			if err != nil {
				b.Fatal(err)
			}
			for _, k := range slices.Concat(b.keys, b.more) {
				if k.IsZero() {
					continue
				}
				if app := keyring.NewApp(k, salt); b.fits(app, db) {
					b.apps = append(b.apps, app)
				}
			}
			b.apps = append(b.apps, keyring.NewApp(seal.NewSecret(), salt)) // codes need the salt alone
		}
	}
}

// fits reports whether a key is the K_app of any slot, or of any person's profile.
func (b *burglar) fits(app *keyring.App, db *sql.DB) bool {
	for _, row := range rows(b, db, "SELECT id, columns FROM person") {
		if _, err := app.OpenProfile(id(row[0]), row[1].([]byte)); err == nil {
			return true
		}
	}
	found := false
	b.eachSlot(func(s mail.Slot, v mail.SlotValue) {
		_, err := app.OpenSlot(byte(s.File), s.N, v)
		found = found || err == nil
	})
	return found
}

// openSlots tries every slot of every slot file and mirror.
func (b *burglar) openSlots() {
	b.eachSlot(func(s mail.Slot, v mail.SlotValue) {
		for _, app := range b.apps {
			if k, err := app.OpenSlot(byte(s.File), s.N, v); err == nil {
				b.slots[s] = with(b.slots[s], k)
			}
		}
	})
}

// eachSlot reads what is not zero in every slot file and mirror.
func (b *burglar) eachSlot(visit func(mail.Slot, mail.SlotValue)) {
	if b.values == nil {
		for which, names := range [][]string{{"shred.slots", "shred.mirror"}, {"link.slots", "link.mirror"}} {
			for _, path := range slices.Concat(b.files[names[0]], b.files[names[1]]) {
				content := readFile(b, path)
				for n := 1; (n+1)*64 <= len(content); n++ {
					if v := mail.SlotValue(content[n*64:]); v != (mail.SlotValue{}) {
						b.values = append(b.values, mail.SlotWrite{Slot: mail.Slot{File: mail.SlotFile(which), N: uint32(n)}, Value: v})
					}
				}
			}
		}
	}
	for _, v := range b.values {
		visit(v.Slot, v.Value)
	}
}

// in returns the keys of a slot, and all others that were found, for who might have
// sealed something under the wrong one.
func (b *burglar) in(which mail.SlotFile, n any) []seal.Secret {
	return append(slices.Clone(b.slots[mail.Slot{File: which, N: uint32(n.(int64))}]), b.keys...)
}

func (b *burglar) takeCode(text string) {
	c, err := mail.ParseLinkCode(text)
	if err != nil {
		b.Fatal(err)
	}
	for _, app := range b.apps {
		s := app.Code(c.Secret())
		b.codes[string(s.Locator[:])] = s
	}
}

// readOutbox finds codes in mails that wait to be sent.
func (b *burglar) readOutbox() {
	for _, db := range b.dbs {
		for _, row := range rows(b, db, "SELECT id, slot, box FROM outbox WHERE length(box) > 0") {
			for _, app := range b.apps {
				for _, k := range b.in(mail.Link, row[1]) {
					plain, err := app.OpenOutgoing(k, id(row[0]), row[2].([]byte))
					var n mail.Notice
					if err == nil && json.Unmarshal(plain, &n) == nil && n.Code != "" {
						b.takeCode(n.Code)
					}
				}
			}
		}
	}
}

// openKeyed opens the seeds that passkeys open, and those that the server holds.
func (b *burglar) openKeyed() {
	keep := func(u mail.ID, s seal.Secret, err error) {
		if err == nil {
			b.seeds[u] = with(b.seeds[u], s)
		}
	}
	for _, db := range b.dbs {
		for _, app := range b.apps {
			for _, row := range rows(b, db, "SELECT person, slot, lock FROM passkey") {
				locks := slices.Clone(b.keys)
				for _, prf := range b.loot.prfs {
					locks = append(locks, app.PasskeyLock(prf))
				}
				for _, sw := range b.in(mail.Shred, row[1]) {
					for _, lock := range locks {
						s, err := keyring.OpenSeed(keyring.SeedByPasskey, id(row[0]), lock, sw, row[2].([]byte))
						keep(id(row[0]), s, err)
					}
				}
			}
			for _, row := range rows(b, db, "SELECT person, slot, box FROM held_seed") {
				for _, sw := range b.in(mail.Shred, row[1]) {
					s, err := app.OpenHeld(id(row[0]), sw, row[2].([]byte))
					keep(id(row[0]), s, err)
				}
			}
		}
	}
}

// openSeeds opens people's seeds by every lock.
func (b *burglar) openSeeds() {
	b.openKeyed()
	stretch := keyring.NewStretcher(appliance.CheapStretch, 2, nil)
	for _, db := range b.dbs {
		for _, row := range rows(b, db, "SELECT person, kind, slot, box FROM seed_wrap") {
			u, kind, box := id(row[0]), keyring.SeedKind(row[1].(int64)), row[3].([]byte)
			keep := func(s seal.Secret, err error) {
				if err == nil {
					b.seeds[u] = with(b.seeds[u], s)
				}
			}
			for _, sw := range b.in(mail.Shred, row[2]) {
				for i, k := range b.keys {
					keep(keyring.OpenSeedBy(kind, b.private[i], u, sw, box))
					keep(keyring.OpenSeed(kind, u, k, sw, box))
				}
				for _, c := range b.codes {
					keep(keyring.OpenSeed(kind, u, c.L, sw, box))
				}
			}
			for _, sw := range b.slots[mail.Slot{N: uint32(row[2].(int64))}] {
				for _, p := range b.loot.guess {
					if kind == keyring.SeedByPassword {
						keep(stretch.OpenSeedByPassword(context.Background(), u, []byte(p), sw, box))
					}
				}
			}
		}
		for _, row := range rows(b, db, "SELECT id, public FROM person") {
			for i, k := range b.keys {
				if p := b.private[i]; !p.IsZero() && bytes.Equal(p.Public().Bytes(), row[1].([]byte)) {
					b.seeds[id(row[0])] = with(b.seeds[id(row[0])], k)
				}
			}
		}
		b.openHelpers(db)
		b.openGenerations(db)
	}
}

// openHelpers opens the helper pairs of branches, and what is locked to them: each person
// who is opened by it may open another pair.
func (b *burglar) openHelpers(db *sql.DB) {
	for known := -1; known < len(b.seeds); {
		known = len(b.seeds)
		b.tryPrivate(db, "SELECT helper, kind, slot, box FROM helper_wrap")
		b.tryPrivate(db, "SELECT person, kind, slot, box FROM seed_wrap WHERE helper IS NOT NULL")
	}
}

// openGenerations opens the keys of function mailboxes: by whatever key he has, and by the
// seeds of people, whoever they are.
func (b *burglar) openGenerations(db *sql.DB) {
	b.tryPrivate(db, "SELECT generation, kind, slot, box FROM generation_wrap")
}

// tryPrivate opens seeds that are locked to a public key, with every key there is.
func (b *burglar) tryPrivate(db *sql.DB, query string) {
	private := slices.Clone(b.private)
	for _, seeds := range b.seeds {
		for _, s := range seeds {
			private = append(private, seal.PrivateKeyOf(s))
		}
	}
	for _, row := range rows(b, db, query) {
		g, kind, box := id(row[0]), keyring.SeedKind(row[1].(int64)), row[3].([]byte)
		for _, sw := range b.in(mail.Shred, row[2]) {
			for _, p := range private {
				if seed, err := keyring.OpenSeedBy(kind, p, g, sw, box); err == nil {
					b.seeds[g] = with(b.seeds[g], seed)
				}
			}
		}
	}
}

// openPairs opens the key pairs of guests whose codes he has.
func (b *burglar) openPairs() {
	for _, db := range b.dbs {
		for _, row := range rows(b, db, "SELECT p.id, p.seed, c.id, c.locator, c.slot FROM pair AS p JOIN code AS c ON c.id = p.code") {
			for _, c := range b.codes {
				for _, sg := range b.in(mail.Shred, row[4]) {
					if seed, err := c.OpenPair(id(row[0]), id(row[2]), sg, row[1].([]byte)); err == nil {
						b.pairs[id(row[0])] = append(b.pairs[id(row[0])], seal.PrivateKeyOf(seed))
					}
				}
			}
		}
	}
}

// openWraps opens content keys: each wrap with every inner key that could be meant.
func (b *burglar) openWraps() {
	for u, seeds := range b.seeds {
		for _, s := range seeds {
			b.persons = append(b.persons, keyring.NewPerson(u, s))
		}
	}
	for _, db := range b.dbs {
		epochs := map[mail.ID][]any{}
		for _, row := range rows(b, db, "SELECT id, owner, box FROM epoch") {
			epochs[id(row[0])] = row
		}
		codes := map[mail.ID][]any{}
		for _, row := range rows(b, db, "SELECT id, slot FROM code") {
			codes[id(row[0])] = row
		}
		for _, row := range rows(b, db, "SELECT w.kind, w.ref, w.box, h.id, h.slot, m.id, m.slot FROM wrap AS w JOIN holder AS h ON h.id = w.holder JOIN message AS m ON m.id = h.message") {
			lock := seal.Lock{Kind: seal.WrapKind(row[0].(int64)), Ref: id(row[1]), Holder: id(row[3]), Message: id(row[5])}
			inner := b.inner(lock, epochs[lock.Ref], codes[lock.Ref])
			for _, lock.SKh = range b.in(mail.Shred, row[4]) {
				for _, lock.SKm = range b.in(mail.Shred, row[6]) {
					b.openWrap(lock, inner, row[2].([]byte))
				}
			}
		}
	}
}

func (b *burglar) openWrap(lock seal.Lock, inner []seal.Secret, box []byte) {
	for _, lock.Inner = range inner {
		if cek, err := lock.Unwrap(box); err == nil {
			b.cek[lock.Message] = with(b.cek[lock.Message], cek)
		}
	}
	for _, p := range b.pairs[lock.Ref] {
		if cek, err := lock.UnwrapByPair(p, box); err == nil {
			b.cek[lock.Message] = with(b.cek[lock.Message], cek)
		}
	}
}

// inner lists the inner keys that a wrap may have, what kind of wrap it says it is
// aside.
func (b *burglar) inner(lock seal.Lock, epoch, code []any) (list []seal.Secret) {
	list = slices.Clone(b.keys)
	for _, app := range b.apps {
		list = append(list, app.Transit(), app.Meta())
	}
	for _, p := range b.persons {
		list = append(list, p.Mailbox())
		if epoch != nil && id(epoch[1]) == mail.ID(p.ID) {
			if e, err := p.Epoch(id(epoch[0]), epoch[2].([]byte)); err == nil {
				list = append(list, e)
			}
		}
	}
	if code != nil {
		for _, c := range b.codes {
			for _, sg := range b.in(mail.Shred, code[1]) {
				list = append(list, c.Inner(lock.Ref, sg))
			}
		}
	}
	return list
}

// readLetters reads all of each message of which he has the content key. A letter is
// his if he has read its head and every part.
func (b *burglar) readLetters() {
	b.Helper()
	for _, db := range b.dbs {
		for _, row := range rows(b, db, "SELECT id, head FROM message") {
			m := id(row[0])
			for _, cek := range slices.Concat(b.cek[m], b.keys, b.more) {
				plain, err := seal.OpenHead(cek, m, row[1].([]byte))
				var head mail.Head
				if err != nil || json.Unmarshal(plain, &head) != nil {
					continue
				}
				if n := b.readParts(db, m, cek); n < 1+len(head.Files) {
					b.Errorf("of %s the head is read, and %d parts of %d files", b.name(m), n, len(head.Files))
				}
				b.opened[b.name(m)] = true
			}
		}
	}
}

func (b *burglar) readParts(db *sql.DB, m mail.ID, cek seal.Secret) (n int) {
	for _, row := range rows(b, db, "SELECT n, piece, box, blob FROM part WHERE message = ?", m[:]) {
		var boxes [][]byte
		if row[3] == nil {
			boxes = [][]byte{row[2].([]byte)}
		} else {
			for _, path := range b.files[id(row[3]).String()] {
				boxes = append(boxes, readFile(b, path))
			}
		}
		for _, box := range boxes {
			r, err := seal.NewPart(cek, m, uint32(row[0].(int64)), uint32(row[1].(int64))).Decrypt(bytes.NewReader(box))
			if err != nil {
				continue
			}
			if text, err := io.ReadAll(r); err == nil && len(text) > 0 {
				n++
				break
			}
		}
	}
	return n
}

// readSpool reads mail that came while the appliance was locked.
func (b *burglar) readSpool() {
	for name, paths := range b.files {
		if filepath.Ext(name) != ".age" {
			continue
		}
		for _, app := range b.apps {
			r, err := app.OpenSpooled(bytes.NewReader(readFile(b, paths[0])))
			if err != nil {
				continue
			}
			if all, err := io.ReadAll(r); err == nil {
				_, subject, _ := strings.Cut(string(all), "\nSubject: ")
				subject, _, _ = strings.Cut(subject, "\r")
				b.opened[subject], b.seen[subject] = true, true
			}
		}
	}
}

// readMeta reads who wrote to whom.
func (b *burglar) readMeta() {
	for _, db := range b.dbs {
		for _, app := range b.apps {
			for _, row := range rows(b, db, "SELECT id, slot, envelope FROM message") {
				for _, k := range b.in(mail.Shred, row[1]) {
					if _, err := seal.OpenEnvelope(k, app.Meta(), id(row[0]), row[2].([]byte)); err == nil {
						b.seen[b.name(id(row[0]))] = true
					}
				}
			}
			for _, row := range rows(b, db, "SELECT id, message, slot, columns FROM holder") {
				for _, k := range b.in(mail.Shred, row[2]) {
					if _, err := seal.OpenColumns(k, app.Meta(), id(row[1]), id(row[0]), row[3].([]byte)); err == nil {
						b.seen[b.name(id(row[1]))] = true
					}
				}
			}
			for _, row := range rows(b, db, "SELECT id, columns FROM person") {
				if _, err := app.OpenProfile(id(row[0]), row[1].([]byte)); err == nil {
					b.got.people++
				}
			}
			for _, row := range rows(b, db, "SELECT lookup, columns FROM contact") {
				if _, err := app.OpenContact([32]byte(row[0].([]byte)), row[1].([]byte)); err == nil {
					b.got.others++
				}
			}
		}
	}
}

// pick copies some files of a directory to a new one.
func pick(t testing.TB, from string, wanted func(path string) bool) string {
	t.Helper()
	to := t.TempDir()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, path)
		if err != nil || d.IsDir() || !wanted(filepath.ToSlash(rel)) {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, rel)), 0o700); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), readFile(t, path), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}
