package appliance_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/directory"
	"sigill/appliance/mail"
)

// slapd is an OpenLDAP of its own, in a temporary directory and on free ports of loopback.
type slapd struct {
	t           *testing.T
	dir         string
	plain, tls  string // addresses
	ca, another string // files: of its authority, and of one that has nothing to do with it
	stop        func()
}

const (
	ldapSuffix = "dc=exempelkommun,dc=se"
	ldapPeople = "ou=people," + ldapSuffix
	ldapRoot   = "cn=root," + ldapSuffix
	ldapReader = "cn=sigill," + ldapSuffix
	ldapOther  = "cn=other," + ldapSuffix // may read no more than 500 at all
)

const slapdConf = `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile %[1]s/pid
argsfile %[1]s/args
TLSCACertificateFile %[2]s
TLSCertificateFile %[1]s/server.pem
TLSCertificateKeyFile %[1]s/server.key
sizelimit 500
database mdb
maxsize 268435456
suffix "` + ldapSuffix + `"
rootdn "` + ldapRoot + `"
rootpw rot-och-stam
directory %[1]s/data
dbnosync
index objectClass,mail,employeeType eq,pres
limits dn.exact="` + ldapReader + `" size.soft=500 size.hard=500 size.prtotal=unlimited
limits dn.exact="` + ldapOther + `" size=500 size.prtotal=500
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
`

func newSlapd(t *testing.T) *slapd {
	t.Helper()
	bin, err := exec.LookPath("slapd")
	if err != nil {
		bin = "/usr/sbin/slapd" // not in everybody's path
	}
	s := &slapd{t: t, dir: t.TempDir()}
	s.certificates()
	conf := filepath.Join(s.dir, "slapd.conf")
	err = errors.Join(os.Mkdir(filepath.Join(s.dir, "data"), 0o700), os.WriteFile(conf, fmt.Appendf(nil, slapdConf, s.dir, s.ca), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	s.plain, s.tls = free(t), free(t)
	cmd := exec.Command(bin, "-d", "none", "-h", "ldap://"+s.plain+" ldaps://"+s.tls, "-f", conf)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	s.stop = func() {
		if cmd.Process.Signal(os.Interrupt) == nil {
			ended <- <-ended // it may be asked twice
		}
	}
	t.Cleanup(s.stop)
	for deadline := time.Now().Add(30 * time.Second); ; {
		if c, err := net.Dial("tcp", s.plain); err == nil {
			c.Close()
			return s
		}
		if time.Now().After(deadline) || len(ended) > 0 {
			t.Fatalf("slapd does not start:\n%s", said.String())
		}
		(&journey{TB: t}).pause()
	}
}

// free is an address on loopback that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// certificates makes an authority with a certificate for loopback, and an authority beside
// it.
func (s *slapd) certificates() {
	s.t.Helper()
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(s.dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			s.t.Fatal(err)
		}
		return path
	}
	authority := func(name string) (string, *x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
		c.Subject.CommonName = name
		der, err2 := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
		if err := errors.Join(err, err2); err != nil {
			s.t.Fatal(err)
		}
		return write(name+".pem", "CERTIFICATE", der), c, key
	}
	file, ca, caKey := authority("ca")
	s.ca = file
	s.another, _, _ = authority("another")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	c := &x509.Certificate{SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err2 := x509.CreateCertificate(rand.Reader, c, ca, &key.PublicKey, caKey)
	b, err3 := x509.MarshalPKCS8PrivateKey(key)
	if err := errors.Join(err, err2, err3); err != nil {
		s.t.Fatal(err)
	}
	write("server.pem", "CERTIFICATE", der)
	write("server.key", "PRIVATE KEY", b)
}

// changes gives LDIF to the directory, as its owner.
func (s *slapd) changes(ldif string) {
	s.t.Helper()
	cmd := exec.Command("ldapmodify", "-x", "-H", "ldap://"+s.plain, "-D", ldapRoot, "-w", "rot-och-stam")
	cmd.Stdin = strings.NewReader(ldif)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("%v:\n%.2000s", err, out)
	}
}

func (s *slapd) config() directory.Config {
	return directory.Config{
		URL: "ldaps://" + s.tls, CAFile: s.ca, BindDN: ldapReader, Password: "kungshamn-vid-havet", Base: ldapPeople, Filter: "(&(objectClass=person)(mail=*))",
		Disabled: "(employeeType=left)", Mail: "mail", Name: "displayName", ID: "entryUUID", CostCentre: "departmentNumber", Units: directory.UnitsDN,
	}
}

func uid(n int) string { return fmt.Sprintf("uid=person%d,ou=%s,%s", n, districts[n%3], ldapPeople) }

var districts = []string{"Norr", "Söder", "Väster"}

func ldapPerson(dn, name, address, cost string) string {
	return fmt.Sprintf("dn: %s\nchangetype: add\nobjectClass: inetOrgPerson\ncn: %[2]s\nsn: %[2]s\ndisplayName: %[2]s\nmail: %s\ndepartmentNumber: %s\n\n", dn, name, address, cost)
}

// fills gives it three departments, twelve hundred people, Maria, who has a password here,
// and the accounts that read.
func (s *slapd) fills() {
	s.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "dn: %s\nchangetype: add\nobjectClass: dcObject\nobjectClass: organization\ndc: exempelkommun\no: Exempelkommun\n\n", ldapSuffix)
	fmt.Fprintf(&b, "dn: %s\nchangetype: add\nobjectClass: organizationalUnit\nou: people\n\n", ldapPeople)
	for _, d := range districts {
		fmt.Fprintf(&b, "dn: ou=%s,%s\nchangetype: add\nobjectClass: organizationalUnit\n\n", d, ldapPeople)
	}
	for _, dn := range []string{ldapReader, ldapOther} {
		fmt.Fprintf(&b, "dn: %s\nchangetype: add\nobjectClass: person\nsn: x\nuserPassword: kungshamn-vid-havet\n\n", dn)
	}
	for n := range 1199 {
		b.WriteString(ldapPerson(uid(n), fmt.Sprintf("Person %d", n), fmt.Sprintf("person.%d@exempelkommun.se", n), fmt.Sprint(5000+n%3)))
	}
	b.WriteString(ldapPerson(mariaDN, "Maria Ek", caseworker, "5000"))
	s.changes(b.String())
}

const mariaDN = "uid=maria,ou=Norr," + ldapPeople

// TestOpenLDAP has the machine of a configuration file read a real directory: whole and in
// pages, with what changes in it from one time to the next.
func TestOpenLDAP(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1: it needs slapd and ldap-utils")
	}
	s := newSlapd(t)
	s.fills()
	t.Run("it is read whole, over TLS from the first byte and after StartTLS, though it gives out 500 at a time", func(t *testing.T) {
		for _, start := range []bool{false, true} {
			c := s.config()
			if c.StartTLS = start; start {
				c.URL = "ldap://" + s.plain
			}
			seen := map[string]bool{}
			err := readAll(t, c, func(e mail.DirectoryEntry) {
				seen[e.ID] = true
				if len(e.Units) != 1 || e.Disabled || e.CostCentre == "" || !strings.HasSuffix(e.Address, "@exempelkommun.se") {
					t.Errorf("%+v", e)
				}
			})
			if err != nil || len(seen) != 1200 {
				t.Errorf("%d people, %v", len(seen), err)
			}
		}
	})
	t.Run("what stands in the way is told as what it is", func(t *testing.T) {
		for say, change := range map[string]func(*directory.Config){
			"error.directory.bind":        func(c *directory.Config) { c.Password = "fel" },
			"error.directory.certificate": func(c *directory.Config) { c.CAFile = s.another },
			"error.directory.reach":       func(c *directory.Config) { c.URL = "ldaps://" + free(t) },
			"error.directory.tls":         func(c *directory.Config) { c.URL = "ldaps://" + s.plain },
			"error.directory.limit":       func(c *directory.Config) { c.BindDN = ldapOther },
			"error.directory.base":        func(c *directory.Config) { c.Base = "ou=nobody," + ldapSuffix },
		} {
			c := s.config()
			change(&c)
			var e *mail.Error
			if err := readAll(t, c, nil); !errors.As(err, &e) || e.Say != say || strings.Contains(err.Error(), "kungshamn") {
				t.Errorf("%v, want %s", err, say)
			}
			if say == "error.directory.certificate" {
				c.URL, c.StartTLS = "ldap://"+s.plain, true
				if err := readAll(t, c, nil); !errors.As(err, &e) || e.Say != say {
					t.Errorf("%v, want %s after StartTLS", err, say)
				}
			}
		}
	})
	s.journey(t)
}

// goesTo opens a unit's page, as the page of the organisation leads to it.
func (o *organiser) goesTo(unit string) *browser {
	o.j.Helper()
	m := regexp.MustCompile(`href="(/org/unit/[0-9a-z]{26})">` + unit + "<").FindStringSubmatch(o.Get("/org").page)
	if m == nil {
		o.j.Fatalf("no %s on:\n%s", unit, o.page)
	}
	return o.Get(m[1])
}

// finds searches for somebody of a unit and opens their page.
func (o *organiser) finds(unit, address string) *browser {
	o.j.Helper()
	at := o.goesTo(unit).at
	return o.Post(at+"/search", "list", "people", "q", address).Sees(address).Follow("/org/person/[0-9a-z]{26}")
}

func readAll(t *testing.T, c directory.Config, each func(mail.DirectoryEntry)) error {
	t.Helper()
	d, err := directory.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d.Read(context.Background(), func(e mail.DirectoryEntry) error {
		if each != nil {
			each(e)
		}
		return nil
	})
}

// journey is the machine with this directory, as its administrator sees it.
func (s *slapd) journey(t *testing.T) {
	password := filepath.Join(s.dir, "password")
	if err := os.WriteFile(password, []byte("kungshamn-vid-havet\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	j := newSubmitting(t, fmt.Sprintf(`[directory]
url = "ldap://%s"
starttls = true
ca_file = %q
bind_dn = %q
password_file = %q
base = %q
disabled = "(employeeType=left)"
cost_centre = "departmentNumber"
departments = "dn"
unit = "Socialförvaltningen/Distrikt"
`, s.plain, s.ca, ldapReader, password, ldapPeople))
	boss := j.Organiser(adminAt)
	figures := func(t *testing.T, want ...string) {
		t.Helper()
		boss.readsDirectory().Sees("Gick bra").Sees(want...)
	}
	t.Run("everybody comes, in their departments; the secret is shown nowhere", func(t *testing.T) {
		boss.Get(directoryAt).Sees("ldap://"+s.plain, ldapReader).SeesNot("kungshamn")
		boss.Post(directoryAt + "/try").Sees("visar 1200 personer")
		figures(t, "Nya personer</dt><dd>1199<", "Nya avdelningar</dt><dd>4<", "Personer som byter hemvist</dt><dd>1<")
		boss.goesTo("Söder").Sees("Person 1<", "5001", "400 personer")
		boss.finds("Norr", caseworker).Sees("Norr")
		figures(t, "Personer som är som förut</dt><dd>1200<")
	})
	t.Run("who has moved, got another name, is disabled or gone there has here, too", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker)
		s.changes(fmt.Sprintf(`dn: %s
changetype: modrdn
newrdn: uid=person4
deleteoldrdn: 1
newsuperior: ou=Väster,%s

dn: %s
changetype: modify
replace: displayName
displayName: Person Femman

dn: %s
changetype: modify
add: employeeType
employeeType: left

dn: %s
changetype: delete

`, uid(4), ldapPeople, uid(5), mariaDN, uid(7)))
		figures(t, "Personer som byter hemvist</dt><dd>1<", "Personer som byter namn</dt><dd>1<", "Personer som stängs av</dt><dd>2<", "varav 1 är avstängda där")
		boss.finds("Väster", "person.4@exempelkommun.se").Sees("Väster")
		boss.finds("Väster", "person.5@exempelkommun.se").Sees("Person Femman")
		boss.finds("Söder", "person.7@exempelkommun.se").Sees("Avstängd sedan")
		maria.Get("/mail").At("/in")
		j.Browser().Get("/in").Post("/in", "address", caseworker, "password", j.passwordOf(caseworker)).At("/in").Sees("stämmer inte")
	})
	t.Run("who is back comes in again, also with an account that was made anew", func(t *testing.T) {
		s.changes("dn: " + mariaDN + "\nchangetype: modify\ndelete: employeeType\n\n" + ldapPerson(uid(7), "Person 7", "person.7@exempelkommun.se", "5001"))
		figures(t, "Personer som får logga in igen</dt><dd>2<")
		boss.SeesNot("Nya personer")
		j.Browser().SignsIn(caseworker).At("/mail")
	})
	t.Run("a directory that has lost a third of its people is held, until somebody says yes", func(t *testing.T) {
		var b strings.Builder
		for n := 2; n < 1199; n += 3 {
			fmt.Fprintf(&b, "dn: %s\nchangetype: delete\n\n", uid(n))
		}
		s.changes(b.String())
		boss.readsDirectory().Sees("Inget är gjort", "för de här 399 personerna", "person.1001@exempelkommun.se", "Och 199 till")
		boss.finds("Väster", "person.8@exempelkommun.se").SeesNot("Avstängd sedan")
		boss.readsDirectory("allow", boss.yes()).Sees("Gick bra", "Personer som stängs av</dt><dd>399<")
		boss.finds("Väster", "person.8@exempelkommun.se").Sees("Avstängd sedan")
	})
	t.Run("a directory that is down changes nothing", func(t *testing.T) {
		s.stop()
		boss.readsDirectory().Sees("Misslyckades", "går inte att nå katalogen")
		boss.finds("Söder", "person.1@exempelkommun.se").SeesNot("Avstängd sedan")
	})
	t.Run("no password and nobody's name is in the log or on the disk", func(t *testing.T) {
		for _, word := range []string{"kungshamn", "person.1@", "Person 1", "Femman"} {
			if bytes.Contains(j.log.Bytes(), []byte(word)) {
				t.Errorf("%q is in the log", word)
			}
			err := filepath.WalkDir(appliance.DemoPlaces(j.dir).Data, func(path string, e fs.DirEntry, err error) error {
				if err == nil && e.Type().IsRegular() && bytes.Contains(readFile(t, path), []byte(word)) {
					t.Errorf("%q is in %s", word, e.Name())
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
}
