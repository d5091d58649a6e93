package install

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

// MarshalJSON writes a step for scripts, its mode as chmod takes it.
func (s Step) MarshalJSON() ([]byte, error) {
	return json.Marshal(s.told())
}

// told is a step as it is written for scripts.
type told struct {
	Kind  Kind   `json:"kind"`
	Path  string `json:"path"`
	Mode  string `json:"mode,omitempty"`
	Owner string `json:"owner,omitempty"`
	Group string `json:"group,omitempty"`
	To    string `json:"to,omitempty"`
	Why   string `json:"why"`
}

func (s Step) told() told {
	t := told{s.Kind, s.Path, "", s.Owner, s.Group, s.To, s.Why}
	if s.Mode != 0 {
		t.Mode = fmt.Sprintf("%04o", s.Mode)
	}
	return t
}

// MarshalJSON writes what was seen.
func (s Seen) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		told
		State State `json:"state"`
	}{s.told(), s.State})
}

// MarshalJSON writes what came of it.
func (u Undone) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		told
		Gone bool   `json:"gone"`
		Left string `json:"left,omitempty"`
	}{u.told(), u.Gone, u.Left})
}

// WriteJSON writes a list for scripts.
func WriteJSON[T any](w io.Writer, list []T) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

// words say what each state means, before and after it was done.
var words = map[State][2]string{
	Missing: {"would make", "made"},
	Differs: {"would set right", "set right"},
	Same:    {"is there", "is there"},
	Changed: {"is yours", "is yours"},
	Unknown: {"only root sees", "only root sees"},
}

// Write writes what was seen, a line a step; done says that it was carried out.
func Write(w io.Writer, list []Seen, done bool) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	which, changes := 0, 0
	if done {
		which = 1
	}
	for _, s := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", words[s.State][which], s.line(), s.rights(), s.Why)
		if s.State == Missing || s.State == Differs {
			changes++
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if changes == 0 {
		_, err := fmt.Fprintln(w, "Nothing is to be changed.")
		return err
	}
	return nil
}

// WriteUndone writes what came of a removal, or would.
func WriteUndone(w io.Writer, list []Undone, done bool) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	changes, removed := 0, "would remove"
	if done {
		removed = "removed"
	}
	for _, u := range list {
		switch {
		case u.Gone:
			fmt.Fprintf(t, "%s\t%s\t%s\n", removed, u.line(), u.Why)
			changes++
		case u.Left != "":
			fmt.Fprintf(t, "stays\t%s\t%s\n", u.line(), u.Left)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if changes == 0 {
		_, err := fmt.Fprintln(w, "Nothing is to be removed.")
		return err
	}
	return nil
}

func (s Step) line() string {
	switch s.Kind {
	case Account:
		return "account " + s.Path
	case Directory:
		return s.Path + "/"
	}
	return s.Path
}

func (s Step) rights() string {
	switch s.Kind {
	case Account:
		return ""
	case Link:
		return "to " + s.To
	}
	return fmt.Sprintf("%04o %s:%s", s.Mode, s.Owner, s.Group)
}
