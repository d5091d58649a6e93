package desk

import (
	"context"
	"io"
	"time"

	"sigill/appliance/mail"
)

// Store is what the desk keeps things in; vault.DB is one.
type Store interface {
	// Update runs f in the writer's transaction and returns nil only when it is durable.
	// f may run once only, and sees no other transaction in between.
	Update(ctx context.Context, f func(tx Tx) error) error
	View(ctx context.Context, f func(tx ReadTx) error) error
	// Reserve sets slots aside in memory until a transaction fills them.
	Reserve(file mail.SlotFile, n int) ([]mail.Slot, error)
	Unreserve([]mail.Slot)
	NewBlobID() mail.ID
	PutBlob(ctx context.Context, id mail.ID, c mail.Ciphertext) (int64, error)
	OpenBlob(id mail.ID) (Blob, int64, error)
	// EraseSlots returns when what the slots kept is gone. Zero ones are passed over.
	EraseSlots(ctx context.Context, slots []mail.Slot) error
	EraseBlob(ctx context.Context, id mail.ID) error
	Destroyed(ctx context.Context, ended []mail.Ended) error
}

// Blob is an open blob file.
type Blob interface {
	io.ReaderAt
	io.Closer
}

// LetterReads is what it takes to read a letter anew; see Desk.AgainIn.
type LetterReads interface {
	SlotValue(mail.Slot) (mail.SlotValue, error)
	Message(mail.ID) (mail.Message, error)
	Holder(mail.ID) (mail.Holder, error)
}

// ReadTx is what the desk reads. What is not there is mail.Absent; an erased slot is
// mail.Gone.
type ReadTx interface {
	LetterReads
	Now() time.Time
	Head(mail.ID) (mail.Box, error)
	Parts(message mail.ID) ([]mail.Part, error)
	Part(message mail.ID, n, piece uint32) (mail.Part, error)
	Uploads(message mail.ID) ([]mail.Upload, error)
	UploadsBefore(at time.Time, n int) ([]mail.Upload, error)
	CountUploads(person mail.ID) (int64, error)
	Thread(thread mail.ID) ([]mail.Message, error)
	Holders(message mail.ID) ([]mail.Holder, error)
	Wraps(holder mail.ID) ([]mail.Wrap, error)
	Code(mail.ID) (mail.Code, error)
	CodeByLocator([32]byte) (mail.Code, error)
	CodesOf(holder mail.ID) ([]mail.Code, error)
	// CodeInUse reports whether a code, or a pair under it, still opens a holder that
	// has not ended.
	CodeInUse(code mail.ID) (bool, error)
	Epoch(mail.ID) (mail.Epoch, error)
	Pair(mail.ID) (mail.Pair, error)
	PairsOfThread(thread mail.ID) ([]mail.Pair, error)
	Person(mail.ID) (mail.Person, error)
	// GenerationWrap returns a function mailbox's generation as it is locked for a member.
	GenerationWrap(mailbox, generation, member mail.ID) (mail.GenerationWrap, error)
	Claim(mailbox, thread mail.ID) (mail.Claim, error)
	ClaimsOf(mailbox mail.ID, threads []mail.ID) ([]mail.Claim, error)
	Remarks(message, mailbox mail.ID) ([]mail.Remark, error)
	Steps(holder mail.ID) ([]mail.Step, error)
	StepsOf(message mail.ID) ([]mail.Step, error)
	ReadingPeople() ([]mail.ID, error)
	Readings(person mail.ID) ([]mail.Reading, error)
	Tombstone(locator [32]byte) (mail.Tombstone, error)
	Outgoing(mail.ID) (mail.Outgoing, error)
	OutgoingByBounce([16]byte) (mail.Outgoing, error)
	OutgoingOf(holder mail.ID) ([]mail.Outgoing, error)
	DueOutgoing(now time.Time, n int) ([]mail.Outgoing, error)
	KeyedOutgoing(after mail.ID, n int) ([]mail.Outgoing, error)
	UnkeyedOutgoing(n int) ([]mail.Outgoing, error)
	DueHolders(now time.Time, n int) ([]mail.Holder, error)
	PurgingHolders(n int) ([]mail.Holder, error)
	HoldersOf(owner mail.ID, n int) ([]mail.Holder, error)
	LettersBefore(before, least mail.ID, n int) ([]mail.Message, error)
	PurgingMessages(n int) ([]mail.Message, error)
	Contact(lookup [32]byte) (mail.Contact, error)
	Counter(name []byte, now time.Time) (int64, error)
	Mailbox(q mail.MailboxQuery) ([]mail.MailboxRow, error)
	MailboxOf(holder mail.ID) (mail.MailboxRow, error)
	ThreadSizes(owner mail.ID, threads []mail.ID) (map[mail.ID]int, error)
	MailboxThread(owner, thread mail.ID, n int) ([]mail.MailboxRow, error)
	Entries(q mail.MailboxQuery) ([]mail.Entry, error)
	// ReadsSince returns from when on a member can open what has come to a function mailbox.
	ReadsSince(mailbox, member mail.ID) (time.Time, error)
	Standing(owner mail.ID, since time.Time) (mail.Standing, error)
	CountTrash(owner mail.ID, since time.Time) (mail.TrashCount, error)
	Held(owner mail.ID, n int) ([]mail.ID, error)
	// WroteTo returns whose letters a registered recipient has got, also what has ended.
	WroteTo(recipient mail.ID) ([]mail.ID, error)
}

// Tx is what the desk writes.
type Tx interface {
	ReadTx
	PutSealed(*mail.Sealed) error
	PutSlots([]mail.SlotWrite) error
	PutPart(mail.Part) error
	AddSealed(*mail.Sealed) error
	PutWrap(mail.Wrap) error
	PutPair(mail.Pair) error
	SaveMessage(mail.Message) error
	SaveHead(message mail.ID, head mail.Box) error
	SaveHolder(mail.Holder) error
	DeleteWraps(holder mail.ID) error
	DeletePart(message mail.ID, n uint32) (blobs []mail.ID, err error)
	DeleteParts(message mail.ID) (blobs []mail.ID, err error)
	PutUpload(mail.Upload) error
	DeleteUpload(message mail.ID, n uint32) error
	DeleteUploads(message mail.ID) error
	DeleteCode(mail.ID) error
	PutStep(mail.Step) error
	PutReading(mail.Reading) error
	DeleteReading(holder mail.ID) error
	Enqueue(mail.Outgoing) error
	EnqueueAll([]mail.Outgoing) error
	SaveOutgoing(mail.Outgoing) error
	PutTombstone(mail.Tombstone) error
	// PutSpooled is Gone if this mail of the spool was taken in before.
	PutSpooled(mail.ID) error
	PutLedger(mail.Ledger) error
	DoneLedger(id mail.ID, at time.Time) error
	PutContact(mail.Contact) error
	// ShowInbox and LoseInbox write down that a mail of this time has reached a registered
	// recipient, and that one has come back.
	ShowInbox(person mail.ID, at time.Time) error
	LoseInbox(person mail.ID, at time.Time) error
	PutClaim(mail.Claim) error
	DeleteClaim(mailbox, thread mail.ID) error
	PutRemark(mail.Remark) error
	DeleteRemarks(message mail.ID) error
	// ForgetClaims deletes the claims of a thread of which nothing is left.
	ForgetClaims(thread mail.ID) error
	Note(mail.Event) error
	Count(name []byte, now time.Time, window time.Duration) (int64, error)
	Uncount(name []byte, now time.Time) error
	ResetCounter(name []byte) error
}
