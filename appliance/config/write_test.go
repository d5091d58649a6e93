package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sigill/appliance/config"
)

// filled is a configuration in which every key says something else than by itself.
func filled(v reflect.Value, n *int) {
	for i := range v.NumField() {
		f := v.Field(i)
		if tag := v.Type().Field(i).Tag.Get("toml"); tag == "-" || tag == "" {
			continue
		}
		*n++
		switch f.Kind() {
		case reflect.Struct:
			filled(f, n)
		case reflect.String:
			f.SetString("a \"b\" \\ # ö\u0001 " + string(rune('a'+*n%26)))
		case reflect.Int, reflect.Int64:
			f.SetInt(int64(*n))
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.Map:
			f.Set(reflect.ValueOf(map[string]string{"a key": "one\ntwo", "b": ""}))
		case reflect.Slice:
			list := reflect.MakeSlice(f.Type(), 2, 2)
			for j := range 2 {
				if x := list.Index(j); x.Kind() == reflect.Struct {
					filled(x, n)
				} else {
					x.SetString("x, y = [z]")
				}
			}
			f.Set(list)
		}
	}
}

// same compares what files say of two configurations: text of one that was read again is the
// same text.
func same(t *testing.T, c config.Config) {
	t.Helper()
	text, err := config.Format(c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Parse(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	again, err := config.Format(got)
	if err != nil || string(again) != string(text) {
		t.Fatalf("%v: read again it says\n%s\nnot\n%s", err, again, text)
	}
	for _, key := range []string{"house.name", "smarthost.host", "sms.countries"} {
		if got.Text(key) != c.Text(key) {
			t.Errorf("%s is %q, not %q", key, got.Text(key), c.Text(key))
		}
	}
}

func TestWrite(t *testing.T) {
	t.Run("what is written is read again, whatever every key says", func(t *testing.T) {
		c, n := config.Default(), 0
		filled(reflect.ValueOf(&c).Elem(), &n)
		same(t, c)
		text, err := config.Format(c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := config.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.SMS, c.SMS) || !reflect.DeepEqual(got.Senders, c.Senders) || !reflect.DeepEqual(got.SignOn, c.SignOn) || !reflect.DeepEqual(got.House, c.House) {
			t.Errorf("got\n%+v\nwant\n%+v", got, c)
		}
	})
	t.Run("the example written is the example", func(t *testing.T) {
		c, err := config.Parse([]byte(example(t)))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := config.Format(c); err != nil || string(text) != example(t) {
			t.Errorf("%v\n%s", err, text)
		}
	})
	t.Run("a file is replaced whole, keeps its mode, and its comments stay", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sigill.toml")
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		c := config.Bare(path)
		c.House.Name = "Provkommun"
		if err := config.Write(path, c); err != nil {
			t.Fatal(err)
		}
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
			t.Error(st.Mode(), err)
		}
		b, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(b), "name = \"Provkommun\"") || !strings.Contains(string(b), "# The department whose mail this is") {
			t.Error(err, string(b))
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".sigill-*")); left != nil {
			t.Error(left)
		}
	})
}

func TestUnfinished(t *testing.T) {
	t.Run("without a file, with the example as it came and with one that is begun, the machine can begin", func(t *testing.T) {
		dir := t.TempDir()
		for name, text := range map[string]string{"none": "", "example": example(t), "begun": "unfinished = true\n[house]\nname = \"Provkommun\"\n"} {
			path := filepath.Join(dir, name)
			if text != "" {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			c, err := config.LoadOrBare(path)
			if err != nil || !c.Unfinished {
				t.Fatalf("%s: %v %+v", name, err, c)
			}
			full := c.Filled()
			full.Unfinished = false
			if err := full.Validate(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("what is said must be right all the same", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sigill.toml")
		if err := os.WriteFile(path, []byte("unfinished = true\n[house]\ncountry = \"se\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.LoadOrBare(path); err == nil || !strings.Contains(err.Error(), "house.country") {
			t.Error(err)
		}
	})
	t.Run("what still lacks is known by its keys", func(t *testing.T) {
		c := config.Bare("/etc/sigill/sigill.toml")
		if lacks := strings.Join(c.Lacks(), " "); !strings.Contains(lacks, "house.name") || !strings.Contains(lacks, "smarthost.host") || strings.Contains(lacks, "retention") {
			t.Error(lacks)
		}
	})
}

func FuzzWrite(f *testing.F) {
	f.Add("Provkommun", "smtp.kommun.example", "46,45")
	f.Add("a\"b\\c\n\t#", "[x]", "")
	f.Fuzz(func(t *testing.T, name, host, countries string) {
		c := config.Default()
		c.House.Name, c.Smarthost.Host = strings.ToValidUTF8(name, ""), strings.ToValidUTF8(host, "")
		c.SMS.Gateways = []config.Gateway{{Name: c.House.Name, Header: map[string]string{c.Smarthost.Host: c.House.Name}}}
		if len(name)+len(host) > 8000 {
			return
		}
		if c.SetText("sms.countries", strings.ToValidUTF8(countries, "")) == nil && len(countries) < 8000 {
			same(t, c)
		}
	})
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte("[administrator]\nname = \"x\"\n[house]\nname = \"y\"\n"))
	f.Add([]byte("administrator = 3\nkit = []\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := config.ParseAnswers(text)
		if err == nil {
			if _, err := config.Format(a.Config); err != nil && !strings.Contains(err.Error(), "longer") {
				t.Error(err)
			}
		}
	})
}
