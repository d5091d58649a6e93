package directory_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"sigill/appliance/directory"
	"sigill/appliance/mail"
)

func (f *fake) config() directory.Config {
	return directory.Config{
		URL: f.url, CAFile: f.ca, Base: "dc=kommun,dc=example", Filter: "(mail=*)",
		Mail: "mail", Name: "displayName", ID: "entryUUID", CostCentre: "departmentNumber", Units: "department", Separator: "/",
	}
}

func (f *fake) read(c directory.Config) (list []mail.DirectoryEntry, err error) {
	f.t.Helper()
	err = f.readWith(context.Background(), c, func(e mail.DirectoryEntry) error {
		list = append(list, e)
		return nil
	})
	return list, err
}

// readWith reads, and returns when the server is done as well: what it answers may be
// changed then.
func (f *fake) readWith(ctx context.Context, c directory.Config, each func(mail.DirectoryEntry) error) error {
	f.t.Helper()
	d, err := directory.New(c)
	if err != nil {
		f.t.Fatal(err)
	}
	f.begins <- struct{}{}
	err = d.Read(ctx, each)
	if e := (*mail.Error)(nil); !errors.As(err, &e) || e.Say != "error.directory.reach" {
		<-f.ended
	}
	return err
}

// people fills the directory with so many.
func (f *fake) people(n int) {
	f.entries = nil
	for i := range n {
		f.entries = append(f.entries, map[string][]string{
			"dn": {fmt.Sprintf("uid=p%d,ou=Barn,ou=Social,dc=kommun,dc=example", i)}, "mail": {fmt.Sprintf("p%d@kommun.example", i)}, "entryUUID": {fmt.Sprintf("ID-%d", i)},
		})
	}
}

// refused holds an error against a sentence, and wants nothing in it of the server's words
// or the password.
func refused(t *testing.T, err error, say string) {
	t.Helper()
	var e *mail.Error
	if !errors.As(err, &e) || e.Say != say {
		t.Fatalf("%v, want %s", err, say)
	}
	for _, secret := range []string{"anna.as", "hemlig", "kungshamn"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s is told: %v", secret, err)
		}
	}
}

func TestRead(t *testing.T) {
	f := newFake(t, nil)
	t.Run("an entry is read as the configuration says", func(t *testing.T) {
		f.entries = []map[string][]string{{
			"dn": {"uid=anna,dc=kommun,dc=example"}, "MAIL": {" anna@kommun.example", "as@kommun.example"}, "displayname": {"Anna Ås"}, "cn": {"anna"}, "entryUUID": {"0F-AB"},
			"department": {"Social / Barn och familj/"}, "departmentNumber": {"5121"},
		}}
		list, err := f.read(f.config())
		want := mail.DirectoryEntry{ID: "0f-ab", Address: "anna@kommun.example", Name: "Anna Ås", Units: []string{"Social", "Barn och familj"}, CostCentre: "5121"}
		if err != nil || len(list) != 1 || fmt.Sprintf("%+v", list[0]) != fmt.Sprintf("%+v", want) {
			t.Errorf("%+v %v", list, err)
		}
	})
	t.Run("departments come from an attribute in one piece, from the place, or from nowhere", func(t *testing.T) {
		f.entries[0]["dn"] = []string{`uid=anna+cn=x,ou=Barn\, familj,l=here,OU=Social,dc=Kommun,dc=example`}
		for units, want := range map[string]string{"dn": "Social|Barn, familj", "": "", "department": "Social / Barn och familj/"} {
			c := f.config()
			c.Units, c.Separator = units, ""
			list, err := f.read(c)
			if err != nil || strings.Join(list[0].Units, "|") != want {
				t.Errorf("%q: %+v %v", units, list, err)
			}
		}
		f.entries[0]["dn"] = []string{"dc=kommun,dc=example"}
		c := f.config()
		c.Units = directory.UnitsDN
		if list, err := f.read(c); err != nil || len(list[0].Units) != 0 {
			t.Errorf("%+v %v", list, err)
		}
	})
	t.Run("the common name stands in, and what is missing is empty", func(t *testing.T) {
		f.entries = []map[string][]string{{"cn": {"Anna"}}, {}}
		list, err := f.read(f.config())
		if err != nil || list[0].Name != "Anna" || list[1].ID != "" || list[1].Address != "" || list[1].Name != "" {
			t.Errorf("%+v %v", list, err)
		}
	})
	t.Run("a GUID is taken as it is", func(t *testing.T) {
		guid := "\x00AbC\xff\xfe6789012345"
		f.entries = []map[string][]string{{"objectGUID": {guid}}, {"objectGUID": {strings.Repeat("x", 65)}}}
		c := f.config()
		c.ID = "objectGUID"
		if list, err := f.read(c); err != nil || list[0].ID != guid || list[1].ID != "" {
			t.Errorf("%+v %v", list, err)
		}
	})
	t.Run("ids of bytes are two people though they would be one text in another case", func(t *testing.T) {
		f.entries = nil
		for _, rid := range []uint32{0x0480, 0x0481, 0x0441, 0x0461} { // 0x80 and 0x81 are no UTF-8, 0x41 and 0x61 are A and a
			sid := binary.LittleEndian.AppendUint32([]byte{1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, rid)
			f.entries = append(f.entries, map[string][]string{"objectSid": {string(sid)}})
		}
		c := f.config()
		c.ID = "objectSid"
		list, err := f.read(c)
		ids := map[string]bool{}
		for _, e := range list {
			ids[e.ID] = true
		}
		if err != nil || len(ids) != 4 {
			t.Errorf("%d ids, %v", len(ids), err)
		}
	})
	t.Run("who is disabled is known, and who is only locked by wrong passwords is not", func(t *testing.T) {
		f.entries = []map[string][]string{
			{"userAccountControl": {"514"}}, {"userAccountControl": {"512"}}, {"userAccountControl": {"x"}}, {"pwdAccountLockedTime": {"000001010000Z"}}, {"pwdAccountLockedTime": {"20260301120000Z"}}, {},
		}
		list, err := f.read(f.config())
		got := ""
		for _, e := range list {
			got += fmt.Sprint(e.Disabled, " ")
		}
		if err != nil || got != "true false false true false false " {
			t.Error(got, err)
		}
	})
	t.Run("a filter says who else is", func(t *testing.T) {
		f.people(2)
		f.filters = nil
		c := f.config()
		c.Disabled = "(employeeType=left)"
		list, err := f.read(c) // this directory finds everybody by any filter
		if err != nil || !list[0].Disabled || !list[1].Disabled || strings.Join(f.filters, " ") != "(&(mail=*)(employeeType=left)) (mail=*)" {
			t.Errorf("%+v %v %v", list, err, f.filters)
		}
	})
	t.Run("what is too long is cut, and what is no text becomes one", func(t *testing.T) {
		f.entries = []map[string][]string{{"mail": {strings.Repeat("x", 5000)}, "displayName": {"a\xff\xfe"}, "department": {strings.Repeat("ö/", 5000)}}}
		list, err := f.read(f.config())
		if err != nil || len(list[0].Address) != mail.MaxDirectoryText || list[0].Name != "a\ufffd" || len(list[0].Units) > mail.MaxDirectoryText {
			t.Errorf("%v", err)
		}
	})
	t.Run("a directory is read whole, with pages and without", func(t *testing.T) {
		f.people(1234)
		for pages, searches := range map[int]int{knowsPages: 3, ignoresPages: 1, refusesPages: 2} {
			f.pages, f.searches = pages, 0
			list, err := f.read(f.config())
			if err != nil || len(list) != 1234 || list[1233].Address != "p1233@kommun.example" || f.searches != searches {
				t.Errorf("%d: %d people in %d searches, %v", pages, len(list), f.searches, err)
			}
		}
		f.pages = knowsPages
	})
	t.Run("the reader's own error ends it", func(t *testing.T) {
		enough := errors.New("enough")
		if err := f.readWith(context.Background(), f.config(), func(mail.DirectoryEntry) error { return enough }); !errors.Is(err, enough) {
			t.Error(err)
		}
	})
}

func TestHalfADirectoryIsAnError(t *testing.T) {
	f := newFake(t, nil)
	f.people(1000)
	for name, c := range map[string]struct {
		say     string
		instead func(c net.Conn, id int64, n int) bool
	}{
		"broken off before a page": {"error.directory.broke", func(_ net.Conn, _ int64, n int) bool { return n == 2 }},
		"broken off within a page": {"error.directory.broke", func(c net.Conn, id int64, n int) bool {
			for _, e := range f.entries[:n*10] {
				f.entry(c, id, e)
			}
			return true
		}},
		"ended by a limit": {"error.directory.limit", func(c net.Conn, id int64, _ int) bool {
			f.entry(c, id, f.entries[0])
			f.result(c, id, 5, 4, nil)
			return true
		}},
		"sent elsewhere": {"error.directory.base", func(c net.Conn, id int64, _ int) bool {
			f.result(c, id, 5, 10, nil)
			return true
		}},
		"without the right to read": {"error.directory.bind", func(c net.Conn, id int64, _ int) bool {
			f.result(c, id, 5, 50, nil)
			return true
		}},
		"no base": {"error.directory.base", func(c net.Conn, id int64, _ int) bool {
			f.result(c, id, 5, 32, nil)
			return true
		}},
		"a part that is on another server": {"error.directory.elsewhere", func(c net.Conn, id int64, _ int) bool {
			f.entry(c, id, f.entries[0])
			f.reference(c, id, "ldap://other.kommun.example/ou=Barn,dc=kommun,dc=example")
			f.result(c, id, 5, 0, nil)
			return true
		}},
		"a part that is nobody knows where": {"error.directory.elsewhere", func(c net.Conn, id int64, _ int) bool {
			f.entry(c, id, f.entries[0])
			f.reference(c, id, "ldap://other.kommun.example:x/dc=ForestDnsZones")
			f.result(c, id, 5, 0, nil)
			return true
		}},
		"a full page of which nothing says whether there are more": {"error.directory.part", func(c net.Conn, id int64, _ int) bool {
			for _, e := range f.entries[:500] {
				f.entry(c, id, e)
			}
			f.result(c, id, 5, 0, nil)
			return true
		}},
		"a second page of which nothing says so": {"error.directory.part", func(c net.Conn, id int64, n int) bool {
			if n == 2 {
				f.entry(c, id, f.entries[500])
				f.result(c, id, 5, 0, nil)
			}
			return n == 2
		}},
		"nonsense": {"error.directory.broke", func(c net.Conn, _ int64, _ int) bool {
			c.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
			return true
		}},
		"one answer without an end": {"error.directory.large", func(c net.Conn, _ int64, _ int) bool {
			head := binary.BigEndian.AppendUint32([]byte{0x30, 0x84}, 1<<30)
			head = append(head, 0x04, 0x84)
			c.Write(binary.BigEndian.AppendUint32(head, 1<<30-6))
			for b := make([]byte, 1<<16); ; {
				if _, err := c.Write(b); err != nil {
					return true
				}
			}
		}},
		"entries without an end": {"error.directory.large", func(c net.Conn, id int64, _ int) bool {
			e := map[string][]string{"displayName": {strings.Repeat("x", 60_000)}}
			for range 1000 {
				f.entry(c, id, e)
			}
			return true
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f.searches, f.instead = 0, c.instead
			_, err := f.read(f.config())
			refused(t, err, c.say)
		})
	}
	t.Run("what Active Directory keeps beside the domain is none", func(t *testing.T) {
		f.instead = func(c net.Conn, id int64, _ int) bool {
			f.entry(c, id, f.entries[0])
			for _, part := range []string{"ForestDnsZones.kommun.example/DC=ForestDnsZones", "DomainDnsZones.kommun.example/DC=DomainDnsZones", "kommun.example/CN=Configuration"} {
				f.reference(c, id, "ldap://"+part+",DC=kommun,DC=example")
			}
			f.result(c, id, 5, 0, nil)
			return true
		}
		if list, err := f.read(f.config()); err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
	})
	t.Run("too long in all", func(t *testing.T) {
		f.instead = func(c net.Conn, _ int64, _ int) bool {
			c.Read(make([]byte, 1)) // until the other side has had enough
			return true
		}
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		refused(t, f.readWith(ctx, f.config(), func(mail.DirectoryEntry) error { return nil }), "error.directory.slow")
	})
	t.Run("broken off by who has asked", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		f.instead = func(c net.Conn, id int64, _ int) bool {
			f.entry(c, id, f.entries[0])
			cancel()
			c.Read(make([]byte, 1))
			return true
		}
		if err := f.readWith(ctx, f.config(), func(mail.DirectoryEntry) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("pages without an end", func(t *testing.T) {
		f.instead = nil
		f.people(directory.MaxEntries + 1)
		_, err := f.read(f.config())
		refused(t, err, "error.directory.many")
	})
}

func TestWhoIsSpokenTo(t *testing.T) {
	good, ca := certificate(t)
	_, another := certificate(t)
	t.Run("over TLS from the first byte, and after StartTLS", func(t *testing.T) {
		f := newFake(t, good)
		f.ca = ca
		f.people(3)
		if list, err := f.read(f.config()); err != nil || len(list) != 3 {
			t.Errorf("%v %v", list, err)
		}
		f = newFake(t, nil)
		f.startTLS, f.ca = good, ca
		f.people(3)
		c := f.config()
		c.StartTLS = true
		if list, err := f.read(c); err != nil || len(list) != 3 {
			t.Errorf("%v %v", list, err)
		}
	})
	t.Run("a certificate that nobody known has signed is refused, both ways", func(t *testing.T) {
		for _, file := range []string{another, ""} {
			f := newFake(t, good)
			f.ca = file
			_, err := f.read(f.config())
			refused(t, err, "error.directory.certificate")
			f = newFake(t, nil)
			f.startTLS, f.ca = good, file
			c := f.config()
			c.StartTLS = true
			_, err = f.read(c)
			refused(t, err, "error.directory.certificate")
		}
	})
	t.Run("a certificate for another name is refused", func(t *testing.T) {
		f := newFake(t, good)
		f.ca, f.url = ca, strings.Replace(f.url, "127.0.0.1", "localhost", 1)
		_, err := f.read(f.config())
		refused(t, err, "error.directory.certificate")
	})
	t.Run("TLS of before 1.2 is not spoken", func(t *testing.T) {
		old := good.Clone()
		old.MaxVersion = tls.VersionTLS11
		old.MinVersion = tls.VersionTLS10
		f := newFake(t, old)
		f.ca = ca
		_, err := f.read(f.config())
		refused(t, err, "error.directory.tls")
	})
	t.Run("a server that will not go over to TLS gets no password", func(t *testing.T) {
		f := newFake(t, nil)
		f.ca, f.password = ca, "kungshamn"
		c := f.config()
		c.StartTLS, c.BindDN, c.Password = true, "cn=reader", "kungshamn"
		_, err := f.read(c)
		refused(t, err, "error.directory.tls")
	})
	t.Run("a wrong password is told as one", func(t *testing.T) {
		f := newFake(t, nil)
		f.password = "another"
		f.people(1)
		c := f.config()
		c.BindDN, c.Password = "cn=reader,dc=hemlig", "kungshamn"
		_, err := f.read(c)
		refused(t, err, "error.directory.bind")
		f.password = "kungshamn"
		if list, err := f.read(c); err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
	})
	t.Run("a server that is down is told as one", func(t *testing.T) {
		f := newFake(t, nil)
		f.l.Close()
		_, err := f.read(f.config())
		refused(t, err, "error.directory.reach")
	})
	t.Run("what cannot work is told at the start", func(t *testing.T) {
		f := newFake(t, nil)
		for name, change := range map[string]func(*directory.Config){
			"in clear elsewhere": func(c *directory.Config) { c.URL = "ldap://ldap.kommun.example" },
			"another protocol":   func(c *directory.Config) { c.URL = "https://ldap.kommun.example" },
			"no host":            func(c *directory.Config) { c.URL = "ldaps://" },
			"a base that is none": func(c *directory.Config) {
				c.Base = "people"
			},
			"a filter that is none": func(c *directory.Config) { c.Filter = "(mail=*" },
			"another filter":        func(c *directory.Config) { c.Disabled = "(&" },
			"no authorities": func(c *directory.Config) {
				c.URL, c.CAFile = "ldaps://ldap.kommun.example", "directory_test.go"
			},
			"no file": func(c *directory.Config) { c.URL, c.CAFile = "ldaps://ldap.kommun.example", "none" },
		} {
			c := f.config()
			change(&c)
			if _, err := directory.New(c); err == nil {
				t.Error(name)
			}
		}
	})
}
