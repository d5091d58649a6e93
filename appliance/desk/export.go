package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/records"
)

// Recipients are those to whom an export is sealed; see keyring.
type Recipients = keyring.Recipients

// ExportKey is a key to open exports with that was just made; see keyring.
type ExportKey = keyring.ExportKey

// NewExportKey makes a key to open exports with. It is kept nowhere.
func NewExportKey() ExportKey { return keyring.NewExportKey() }

// ParseRecipients reads what somebody has typed as the recipients of an export. The error
// is Invalid, and repeats nothing of it.
func ParseRecipients(text string) (Recipients, error) {
	r, err := keyring.ParseRecipients(text)
	say := "error.export.recipient"
	switch {
	case err == nil:
		return r, nil
	case errors.Is(err, keyring.ErrNoRecipient):
		say = "error.export.none"
	case errors.Is(err, keyring.ErrManyRecipients):
		say = "error.export.recipients"
	case errors.Is(err, keyring.ErrMixedRecipients):
		say = "error.export.mixed"
	case errors.Is(err, keyring.ErrSecretKey):
		say = "error.export.secret"
	}
	return r, mail.E(mail.Invalid, say, err)
}

// ExportAsk says what is exported, to whom it is sealed, and in which words.
type ExportAsk struct {
	Mailbox mail.ID // zero: the reader's own
	To      Recipients
	Words   ExportWords
}

// ExportWords are what an export says beside the letters, in a person's language. None of
// it may be nil.
type ExportWords struct {
	Root    string // folder in which all stands; of a-z, 0-9 and - alone
	Zone    *time.Location
	ReadMe  string
	Columns [8]string // folder, number, date, from, to, subject, file, state
	State   func(Exported) string
	Report  func(ExportCount) string
}

// Exported is one letter of an export, for the word in the last column.
type Exported struct {
	Unopened  ExportFault // why it is not there; ExportWhole: it is
	Draft     bool
	Sent      bool
	Read, All int  // of a sent one: of its recipients
	Seen      bool // of one that came
}

// ExportFault says why a letter is not in an export.
type ExportFault uint8

// The faults.
const (
	ExportWhole   ExportFault = iota
	ExportClosed              // sealed to a key that the reader has not: from before their time in a function mailbox
	ExportDamaged             // the disk has spoiled it
)

// ExportCount is how many letters an export has.
type ExportCount struct {
	Letters int // files
	Closed  int // in the table only: ExportClosed
	Damaged int // the same: ExportDamaged
}

const (
	maxExports = 10 // by one person in a day
	exportPage = 50 // letters that are looked up at once
)

// Export is a mailbox that is about to be written out.
type Export struct {
	d       *Desk
	ask     ExportAsk
	by      mail.Actor
	mailbox mail.ID
	at      time.Time
	n       ExportCount
}

// Export begins to write out all letters of r's own mailbox, or of a function mailbox of
// his, that he can open. Before the first byte it stands in the journal, and those who
// read there are told. The caller calls Write then, once, whatever happens.
//
// The errors are Absent for a mailbox that is not r's, and Busy: one at a time by a
// person, and maxExports in a day.
func (d *Desk) Export(ctx context.Context, r Reader, ask ExportAsk) (*Export, error) {
	mailbox, err := r.mailbox(ask.Mailbox)
	if err != nil {
		return nil, err
	}
	if ask.To.IsZero() {
		return nil, mail.E(mail.Invalid, "error.export.none", nil)
	}
	if !d.exports.begin(r.ID) {
		return nil, mail.E(mail.Busy, "error.export.running", nil)
	}
	x := &Export{d: d, ask: ask, by: r.Actor, mailbox: mailbox, at: d.Clock.Now()}
	if err := x.begun(ctx); err != nil {
		d.exports.end(r.ID)
		return nil, err
	}
	return x, nil
}

// begun writes down that an export begins, and tells those who read in the mailbox: also
// one that is broken off in the middle has given letters away.
func (x *Export) begun(ctx context.Context) error {
	readers, err := x.d.Directory.Readers(ctx, x.mailbox)
	if err != nil {
		return err
	}
	n := mail.Notice{Kind: mail.NoticeExported}
	if x.mailbox != x.by.ID {
		box, err := x.d.Directory.Owner(ctx, x.mailbox)
		if err != nil {
			return err
		}
		who, err := x.d.Directory.Owner(ctx, x.by.ID)
		if err != nil {
			return err
		}
		n.Mailbox, n.Person = box.Name, who.Name
	}
	return x.d.tell(ctx, len(readers), func(tx Tx, post poster) error {
		count, err := tx.Count(x.d.App.Tag("export", string(x.by.ID[:])), tx.Now(), 24*time.Hour)
		if err != nil {
			return err
		}
		if count > maxExports {
			return mail.E(mail.Busy, "error.export.many", nil)
		}
		for _, p := range readers {
			n.To, n.ToName, n.Lang, n.At = p.Address, p.Name, p.Lang, tx.Now()
			if err := post(mail.ID{}, mail.ID{}, n, time.Time{}); err != nil {
				return err
			}
		}
		return x.note(tx, journal.ExportBegun, "")
	})
}

func (x *Export) note(tx Tx, kind, detail string) error {
	return tx.Note(mail.Event{Kind: kind, At: tx.Now(), Actor: x.by.Kind, Who: x.d.App.Who(x.by.ID), Holder: x.mailbox, Detail: detail})
}

// Write writes the export to to, as an age file, while it reads the letters one by one;
// no clear byte goes anywhere else, and no transaction stays open meanwhile. Nothing is
// marked as read by it.
//
// who is asked again and again for the reader with his keys, as he is at that moment; its
// error ends the writing, as ctx does. On any error the file is cut, and age says so to
// whoever opens it. Whether it ended whole is in the journal.
func (x *Export) Write(ctx context.Context, who func() (Reader, error), to io.Writer) (err error) {
	defer x.d.exports.end(x.by.ID)
	detail := ""
	defer func() {
		if detail == "" {
			detail = fmt.Sprintf("broken %d", x.n.Letters)
		}
		// The connection and the session may be over: that it ended is written all the same.
		end := x.d.Store.Update(context.WithoutCancel(ctx), func(tx Tx) error { return x.note(tx, journal.ExportEnded, detail) })
		err = errors.Join(err, end)
	}()
	sealed, err := x.ask.To.Encrypt(to)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	words := x.ask.Words
	w := &exporting{Export: x, ctx: ctx, who: who, out: records.NewArchive(sealed, words.Root, x.at, words.Columns[:])}
	if err := w.out.Text("README.txt", words.ReadMe); err != nil {
		return err
	}
	if err := w.letters(); err != nil {
		return err
	}
	if err := w.out.Text("report.txt", words.Report(x.n)); err != nil {
		return err
	}
	if err := w.out.Close(); err != nil {
		return err
	}
	// Asked once more before the last block, without which the file is cut.
	if _, err := w.reader(); err != nil {
		return err
	}
	if err := sealed.Close(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	detail = fmt.Sprintf("whole %d %d", x.n.Letters, x.n.Closed+x.n.Damaged)
	return nil
}
