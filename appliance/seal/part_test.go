package seal_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

// TestAgeHeaders bends the header of a part in every way that the age format, or a
// loose reader of it, leaves open. The MAC is always made anew, as somebody could who
// has the file key.
func TestAgeHeaders(t *testing.T) {
	v := partVectors(t)[1]
	p, good := v.parts(t)
	if got, err := decrypt(p, good.bytes()); err != nil || !bytes.Equal(got, good.plain) {
		t.Fatalf("the file that is bent does not open: %v", err)
	}
	with := func(change func(f *agefile)) []byte { f := good; change(&f); return f.bytes() }
	stanzas := func(f func(own string) string) []byte { return with(func(a *agefile) { a.stanzas = f }) }
	own := good.stanza()
	first, body, _ := strings.Cut(strings.TrimSuffix(own, "\n"), "\n")
	nonce := strings.Fields(first)[2]
	line := func(args, body string) []byte {
		return stanzas(func(string) string { return "-> " + args + "\n" + body + "\n" })
	}
	sealedWith := func(nonce, fileKey []byte, ad string) string {
		return raw64.EncodeToString(chacha(good.key).Seal(nil, nonce, fileKey, []byte(ad)))
	}
	mac := func(f func(m []byte) string) []byte { return with(func(a *agefile) { a.mac = f }) }
	x25519, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	scrypt, err := age.NewScryptRecipient("x")
	if err != nil {
		t.Fatal(err)
	}
	scrypt.SetWorkFactor(10)
	other := with(func(f *agefile) { f.key = fix("another key") })
	all := map[string][]byte{
		"a second stanza of ours":                     stanzas(func(s string) string { return s + s }),
		"a second stanza of ours with another nonce":  stanzas(func(s string) string { f := good; f.nonce = fix("n")[:12]; return s + f.stanza() }),
		"our stanza behind one of another key":        stanzas(func(s string) string { f := good; f.key = fix("o"); return f.stanza() + s }),
		"our stanza before one of another key":        stanzas(func(s string) string { f := good; f.key = fix("o"); return s + f.stanza() }),
		"a grease stanza before":                      stanzas(func(s string) string { return "-> x-grease a b\nAAAA\n" + s }),
		"a grease stanza behind":                      stanzas(func(s string) string { return s + "-> x-grease a b\nAAAA\n" }),
		"a grease stanza without body":                stanzas(func(s string) string { return s + "-> x-grease\n\n" }),
		"an X25519 stanza behind":                     stanzas(func(s string) string { return s + stanzaOf(t, x25519.Recipient()) }),
		"an X25519 stanza before":                     stanzas(func(s string) string { return stanzaOf(t, x25519.Recipient()) + s }),
		"a passphrase stanza behind":                  stanzas(func(s string) string { return s + stanzaOf(t, scrypt) }),
		"21 stanzas":                                  stanzas(func(s string) string { return strings.Repeat(s, 21) }),
		"no stanza":                                   stanzas(func(string) string { return "" }),
		"a stanza of type sigill/part/2":              line("sigill/part/2 "+nonce, body),
		"a stanza of type sigill/part":                line("sigill/part "+nonce, body),
		"a stanza of type SIGILL/PART/1":              line("SIGILL/PART/1 "+nonce, body),
		"a stanza of type X25519":                     line("X25519 "+nonce, body),
		"a stanza without a type":                     line(nonce, body),
		"no nonce":                                    line("sigill/part/1", body),
		"an empty nonce":                              line("sigill/part/1 ", body),
		"an argument more":                            line("sigill/part/1 "+nonce+" x", body),
		"the nonce twice":                             line("sigill/part/1 "+nonce+" "+nonce, body),
		"two blanks":                                  line("sigill/part/1  "+nonce, body),
		"a blank at the end":                          line("sigill/part/1 "+nonce+" ", body),
		"a tab for a blank":                           line("sigill/part/1\t"+nonce, body),
		"a nonce of 11 bytes":                         line("sigill/part/1 "+raw64.EncodeToString(good.nonce[:11]), body),
		"a nonce of 13 bytes":                         line("sigill/part/1 "+raw64.EncodeToString(append(bytes.Clone(good.nonce), 0)), body),
		"a nonce of 24 bytes":                         line("sigill/part/1 "+nonce+nonce, body),
		"a nonce with padding":                        line("sigill/part/1 "+nonce+"=", body),
		"a nonce with four paddings":                  line("sigill/part/1 "+nonce+"====", body),
		"a nonce in base64url":                        line("sigill/part/1 "+base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 12)), sealedWith(bytes.Repeat([]byte{0xff}, 12), good.fileKey, "sigill/part/1")),
		"a nonce in hexadecimal":                      line(fmt.Sprintf("sigill/part/1 %x", good.nonce), body),
		"a nonce with a character that is none":       line("sigill/part/1 "+nonce[:15]+"*", body),
		"another nonce":                               line("sigill/part/1 "+raw64.EncodeToString(fix("n")[:12]), body),
		"an empty body":                               line("sigill/part/1 "+nonce, ""),
		"a body of 31 bytes":                          line("sigill/part/1 "+nonce, body[:42]),
		"a body of 33 bytes":                          line("sigill/part/1 "+nonce, raw64.EncodeToString(make([]byte, 33))),
		"a body of 48 bytes, with a file key of 32":   line("sigill/part/1 "+nonce, sealedWith(good.nonce, fix("long"), "sigill/part/1")),
		"a body with a file key of 15":                line("sigill/part/1 "+nonce, sealedWith(good.nonce, good.fileKey[:15], "sigill/part/1")),
		"a body whose last bits are not zero":         line("sigill/part/1 "+nonce, body[:42]+nextChar(body[42])),
		"a body with padding":                         line("sigill/part/1 "+nonce, body+"="),
		"a body on two lines":                         line("sigill/part/1 "+nonce, body[:20]+"\n"+body[20:]),
		"a body with an empty line behind":            line("sigill/part/1 "+nonce, body+"\n"),
		"a body sealed with other data":               with(func(f *agefile) { f.ad = "sigill/part/2" }),
		"a body sealed without data":                  line("sigill/part/1 "+nonce, sealedWith(good.nonce, good.fileKey, "")),
		"a body under another key":                    other,
		"another file key in the stanza":              line("sigill/part/1 "+nonce, sealedWith(good.nonce, fix("fk")[:16], "sigill/part/1")),
		"version 2":                                   with(func(f *agefile) { f.intro = "age-encryption.org/v2\n" }),
		"version 1 with a blank":                      with(func(f *agefile) { f.intro = "age-encryption.org/v1 \n" }),
		"an empty line in front":                      with(func(f *agefile) { f.intro = "\n" + ageIntro }),
		"a byte order mark in front":                  with(func(f *agefile) { f.intro = "\ufeff" + ageIntro }),
		"CRLF in the first line":                      with(func(f *agefile) { f.intro = "age-encryption.org/v1\r\n" }),
		"CRLF in the stanza":                          stanzas(func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }),
		"a MAC of zeros":                              mac(func([]byte) string { return " " + wrap64(make([]byte, 32)) }),
		"a MAC with one bit changed":                  mac(func(m []byte) string { m[31] ^= 4; return " " + wrap64(m) }),
		"a MAC of 31 bytes":                           mac(func(m []byte) string { return " " + wrap64(m[:31]) }),
		"no MAC":                                      mac(func([]byte) string { return "\n" }),
		"a MAC with padding":                          mac(func(m []byte) string { return " " + raw64.EncodeToString(m) + "=\n" }),
		"a MAC whose last bits are not zero":          mac(func(m []byte) string { s := raw64.EncodeToString(m); return " " + s[:42] + nextChar(s[42]) + "\n" }),
		"a word behind the MAC":                       mac(func(m []byte) string { return " " + raw64.EncodeToString(m) + " x\n" }),
		"CRLF behind the MAC":                         mac(func(m []byte) string { return " " + raw64.EncodeToString(m) + "\r\n" }),
		"no blank before the MAC":                     mac(func(m []byte) string { return wrap64(m) }),
		"two blanks before the MAC":                   mac(func(m []byte) string { return "  " + wrap64(m) }),
		"nothing":                                     {},
		"the first line only":                         []byte(ageIntro),
		"a header only":                               good.header(),
		"a file sealed with a passphrase":             ageFile(t, scrypt),
		"a file sealed to an X25519 key":              ageFile(t, x25519.Recipient()),
		"a file sealed to a hybrid key":               ageFile(t, hybrid.Recipient()),
		"an armoured file":                            armoured(t, good.bytes()),
		"the file of another message":                 with(func(f *agefile) { f.key = otherKey("message") }),
		"the file of another part":                    with(func(f *agefile) { f.key = otherKey("part") }),
		"the file of another piece":                   with(func(f *agefile) { f.key = otherKey("piece") }),
		"the file of another content key":             with(func(f *agefile) { f.key = otherKey("cek") }),
		"a file under a key that names only the part": with(func(f *agefile) { f.key = otherKey("bare") }),
		"the head of one file on the body of another": append(good.header(), with(func(f *agefile) { f.fileKey = fix("f")[:16] })[len(good.header()):]...),
		"a line without end":                          append([]byte(ageIntro+"-> "), bytes.Repeat([]byte("a"), 1<<20)...),
		"a body without end":                          append([]byte(ageIntro+"-> sigill/part/1 "+nonce+"\n"), bytes.Repeat([]byte("A"), 1<<20)...),
		"many lines of body":                          append([]byte(ageIntro+"-> sigill/part/1 "+nonce+"\n"), bytes.Repeat([]byte(strings.Repeat("A", 64)+"\n"), 1<<14)...),
		"very many arguments":                         append([]byte(ageIntro+"-> sigill/part/1"), bytes.Repeat([]byte(" a"), 1<<19)...),
	}
	for name, b := range all {
		t.Run(name+" is refused", func(t *testing.T) { refused(t, p, b) })
	}
	if len(all) < 70 {
		t.Errorf("only %d cases", len(all))
	}
}

// otherKey is the key of the vector's part with one thing changed.
func otherKey(what string) []byte {
	cek, m, n, k := fix("part1CEK"), fix("part1m")[:16], be(2), be(0)
	switch what {
	case "message":
		m = fix("another")[:16]
	case "part":
		n = be(3)
	case "piece":
		k = be(1)
	case "cek":
		cek = fix("another")
	case "bare":
		k = nil
	}
	return specHKDF(cek, nil, specCtx("part", m, n, k))
}

// refused opens b both ways; neither may give a byte or another error.
func refused(t *testing.T, p seal.Part, b []byte) {
	t.Helper()
	if got, err := decrypt(p, b); err != seal.ErrOpen {
		t.Errorf("opens: %d bytes, %v", len(got), err)
	}
	r, n, err := p.DecryptAt(bytes.NewReader(b), int64(len(b)))
	if err == nil { // the body may be damaged before its last chunk
		_, err = io.ReadAll(io.NewSectionReader(r, 0, n))
	}
	if err != seal.ErrOpen {
		t.Errorf("DecryptAt opens: %v", err)
	}
}

// nextChar is the character of base64 whose value is one more: other unused bits.
func nextChar(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return string(alphabet[strings.IndexByte(alphabet, c)|1])
}

func stanzaOf(t testing.TB, r age.Recipient) string {
	t.Helper()
	list, err := r.Wrap(fix("file key")[:16])
	if err != nil {
		t.Fatal(err)
	}
	return "-> " + strings.Join(append([]string{list[0].Type}, list[0].Args...), " ") + "\n" + wrap64(list[0].Body)
}

func ageFile(t testing.TB, r age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func armoured(t testing.TB, file []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := armor.NewWriter(&b)
	if _, err := w.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDamagedParts(t *testing.T) {
	const chunk = 64<<10 + 16
	cek, m := seal.NewSecret(), seal.ID{7}
	p := seal.NewPart(cek, m, 16, 0)
	plain := pattern(3 * 64 << 10) // three whole chunks
	file := encrypt(t, p, plain)
	head := len(file) - 3*chunk
	c := func(i int) []byte { return file[head+i*chunk : head+(i+1)*chunk] }
	at := func(i int) []byte { b := bytes.Clone(file); b[i] ^= 1; return b }
	h := file[:head]
	for name, b := range map[string][]byte{
		"two chunks swapped":             cat(h, c(1), c(0), c(2)),
		"the last two swapped":           cat(h, c(0), c(2), c(1)),
		"the first chunk left out":       cat(h, c(1), c(2)),
		"a chunk in the middle left out": cat(h, c(0), c(2)),
		"the last chunk left out":        cat(h, c(0), c(1)),
		"only the last chunk":            cat(h, c(2)),
		"no chunk":                       h,
		"a chunk twice":                  cat(h, c(0), c(1), c(1), c(2)),
		"the last chunk twice":           cat(h, c(0), c(1), c(2), c(2)),
		"a chunk behind the last":        cat(h, c(0), c(1), c(2), c(0)),
		"a byte behind the last":         cat(file, []byte{0}),
		"a tag behind the last":          cat(file, make([]byte, 16)),
		"the last byte left out":         file[:len(file)-1],
		"the last tag left out":          file[:len(file)-16],
		"half of the last chunk":         file[:len(file)-chunk/2],
		"a bit of the payload's nonce":   at(head - 1),
		"a bit of the first chunk":       at(head),
		"a bit of a tag":                 at(head + chunk - 1),
		"a bit of the second chunk":      at(head + chunk + 5),
		"the last bit":                   at(len(file) - 1),
		"a chunk of another file":        cat(h, c(0), encrypt(t, p, plain)[head+chunk:]),
		"the payload of another file":    cat(h, encrypt(t, p, plain)[head:]),
	} {
		t.Run(name+" is found", func(t *testing.T) { refused(t, p, b) })
	}
	t.Run("a piece does not open as another piece, part or message", func(t *testing.T) {
		for name, other := range map[string]seal.Part{
			"piece": seal.NewPart(cek, m, 16, 1), "part": seal.NewPart(cek, m, 17, 0), "message": seal.NewPart(cek, seal.ID{8}, 16, 0),
			"content key": seal.NewPart(seal.NewSecret(), m, 16, 0), "swapped numbers": seal.NewPart(cek, m, 0, 16), "none": {},
		} {
			t.Run(name, func(t *testing.T) { refused(t, other, file) })
		}
	})
	t.Run("an error of the disk below is ErrOpen too", func(t *testing.T) {
		if _, err := p.Decrypt(io.MultiReader(bytes.NewReader(file[:50]), broken{})); err != seal.ErrOpen {
			t.Error(err)
		}
		r, err := p.Decrypt(io.MultiReader(bytes.NewReader(file[:head+chunk]), broken{}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(r); err != seal.ErrOpen {
			t.Error(err)
		}
	})
	t.Run("a lie about the size is found", func(t *testing.T) {
		for _, n := range []int64{-1, 0, 1, int64(head), int64(len(file)) - 1, int64(len(file)) + 1, int64(len(file)) - chunk, 1 << 62} {
			if _, _, err := p.DecryptAt(bytes.NewReader(file), n); err != seal.ErrOpen {
				t.Errorf("size %d: %v", n, err)
			}
		}
	})
	t.Run("no second recipient ever stands beside a part", func(t *testing.T) {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range [][]age.Recipient{{p, id.Recipient()}, {id.Recipient(), p}, {p, p}, {p, seal.NewPart(cek, m, 16, 1)}} {
			if _, err := age.Encrypt(io.Discard, r...); err == nil {
				t.Error("age took both")
			}
		}
	})
	t.Run("a part written twice has another nonce and file key", func(t *testing.T) {
		a, b := encrypt(t, p, nil), encrypt(t, p, nil)
		if bytes.Equal(a[39:55], b[39:55]) || bytes.Equal(a[56:99], b[56:99]) {
			t.Error("it has the same")
		}
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("disk") }

// TestChunkEdges writes and reads lengths around the edges of chunks, in pieces of
// every size, whole and in ranges.
func TestChunkEdges(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	p := seal.NewPart(seal.NewSecret(), seal.ID{1}, 2, 0)
	const c = 64 << 10
	sizes := []int{0, 1, 15, 16, 17, c - 17, c - 16, c - 1, c, c + 1, c + 16, 2*c - 1, 2 * c, 2*c + 1, 3 * c, 5*c + 7}
	for range 10 {
		sizes = append(sizes, rnd.IntN(4*c))
	}
	for _, n := range sizes {
		plain := pattern(n)
		var b bytes.Buffer
		w, err := p.Encrypt(&b)
		if err != nil {
			t.Fatal(err)
		}
		for rest := plain; len(rest) > 0; {
			k := min(len(rest), 1+rnd.IntN(c+5))
			if _, err := w.Write(rest[:k]); err != nil {
				t.Fatal(err)
			}
			rest = rest[k:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := decrypt(p, b.Bytes()); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes: %v", n, err)
		}
		r, size, err := p.DecryptAt(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil || size != int64(n) {
			t.Fatalf("%d bytes: DecryptAt says %d, %v", n, size, err)
		}
		ranges := [][2]int{{0, n}, {0, 0}, {n, 0}, {n, 5}, {n + 1, 1}, {n + c, 1}, {0, n + 9}, {c - 1, 2}, {c, 1}, {c - 1, c + 2}}
		for range 15 {
			ranges = append(ranges, [2]int{rnd.IntN(n + 1), rnd.IntN(n + 10)})
		}
		for _, x := range ranges {
			buf := make([]byte, x[1])
			k, err := r.ReadAt(buf, int64(x[0]))
			want := plain[min(x[0], n):min(x[0]+x[1], n)]
			if !bytes.Equal(buf[:k], want) || k < x[1] && err != io.EOF || err != nil && err != io.EOF {
				t.Fatalf("%d bytes, %d at %d: %d, %v", n, x[1], x[0], k, err)
			}
		}
	}
	t.Run("many read at once", func(t *testing.T) {
		plain := pattern(5*c + 3)
		file := encrypt(t, p, plain)
		r, _, err := p.DecryptAt(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		var w sync.WaitGroup
		for g := range 8 {
			w.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(g), 1))
				for range 30 {
					off := rnd.IntN(len(plain))
					buf := make([]byte, rnd.IntN(2*c))
					k, _ := r.ReadAt(buf, int64(off))
					if !bytes.Equal(buf[:k], plain[off:off+k]) {
						t.Errorf("other bytes at %d", off)
						return
					}
				}
			})
		}
		w.Wait()
	})
}

// TestStockAge needs the age command of the version that we use.
func TestStockAge(t *testing.T) {
	seed := seal.NewSecret()
	to, err := keyring.Recipient(seed)
	if err != nil {
		t.Fatal(err)
	}
	id, err := keyring.Identity(seed)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.ParseHybridRecipient(to)
	if err != nil {
		t.Fatal(err)
	}
	plain := pattern(200_000)
	var export bytes.Buffer
	w, err := age.Encrypt(&export, r)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(plain)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Run("what is sealed to a key as age has it does not open as ours, nor the other way round", func(t *testing.T) {
		key := seal.PrivateKeyOf(seed)
		identity, err := age.ParseHybridIdentity(id)
		if err != nil {
			t.Fatal(err)
		}
		stanzas, err := r.Wrap(fix("file key")[:16])
		if err != nil {
			t.Fatal(err)
		}
		enc, err := raw64.DecodeString(stanzas[0].Args[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, ctx := range []seal.Context{nil, seal.NewContext("epoch", seal.ID{}, seal.ID{}), seal.Context("age-encryption.org/mlkem768x25519")} {
			if _, err := key.Open(ctx, append(enc, stanzas[0].Body...)); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("age's stanza opens as ours: %v", err)
			}
		}
		box, err := key.Public().Seal(seal.Context("age-encryption.org/mlkem768x25519"), fix("file key")[:16])
		if err != nil {
			t.Fatal(err)
		}
		forged := &age.Stanza{Type: stanzas[0].Type, Args: []string{raw64.EncodeToString(box[:1120])}, Body: box[1120:]}
		if _, err := identity.Unwrap([]*age.Stanza{forged}); err == nil {
			t.Error("ours opens as age's stanza")
		}
	})
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to build the age command and open an export with it")
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "age")
	version, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "filippo.io/age").Output()
	if err != nil {
		t.Fatal(err)
	}
	// install and not build: the command needs modules that we do not.
	install := exec.Command("go", "install", "filippo.io/age/cmd/age@"+strings.TrimSpace(string(version)))
	install.Env = append(os.Environ(), "GOBIN="+dir)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	paper := filepath.Join(dir, "key.txt")
	if err := os.WriteFile(paper, []byte(id+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(t *testing.T, in []byte, args ...string) []byte {
		t.Helper()
		c := exec.Command(bin, args...)
		c.Stdin = bytes.NewReader(in)
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	t.Run("an export opens with stock age and the key on paper", func(t *testing.T) {
		if got := run(t, export.Bytes(), "-d", "-i", paper); !bytes.Equal(got, plain) {
			t.Error("other bytes")
		}
	})
	t.Run("what stock age seals to the key opens with the seed", func(t *testing.T) {
		identity, err := age.ParseHybridIdentity(id)
		if err != nil {
			t.Fatal(err)
		}
		d, err := age.Decrypt(bytes.NewReader(run(t, plain, "-r", to)), identity)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(d); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("other bytes: %v", err)
		}
	})
	t.Run("a part does not open with stock age", func(t *testing.T) {
		c := exec.Command(bin, "-d", "-i", paper)
		c.Stdin = bytes.NewReader(encrypt(t, seal.NewPart(seed, seal.ID{}, 1, 0), plain))
		if err := c.Run(); err == nil {
			t.Error("it does")
		}
	})
}
