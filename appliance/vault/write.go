package vault

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// maxBatch bounds how much one commit has to carry, so that nobody waits long
// behind others.
const maxBatch = 256

// Update runs do in a transaction and returns nil when its changes are durable.
// do runs on the writer's goroutine, maybe beside others in one commit: it must not
// call Update, must not wait for anything, and must not keep tx.
//
// The errors are do's own; Again, if the disk is full or failed, the store is
// closed, or others in the batch broke it: nothing was done; Internal, if do
// panicked; ctx's, if it ended before the writer took the closure up. Once taken
// up it is not abandoned.
func (db *DB) Update(ctx context.Context, do func(tx *Tx) error) error {
	return db.wait(ctx, &job{do: do, done: make(chan struct{})})
}

// between does something on the writer's goroutine between two transactions, when nothing
// changes and no checkpoint runs. Its errors are Update's.
func (db *DB) between(ctx context.Context, do func() error) error {
	return db.wait(ctx, &job{between: do, done: make(chan struct{})})
}

// wait has the writer do a job.
func (db *DB) wait(ctx context.Context, j *job) error {
	if err := db.writer.add(j); err != nil {
		return err
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.taken.CompareAndSwap(false, true) {
			return ctx.Err() // the writer will pass it by
		}
		<-j.done
	}
	return j.err
}

// job is one Update, or what is done between two.
type job struct {
	do      func(*Tx) error
	between func() error
	taken   atomic.Bool // by the writer, or by a caller who gave up
	done    chan struct{}
	err     error
	made    effects
}

// effects are what a transaction changes outside of SQLite. They come true with
// the commit and are forgotten with the savepoint.
type effects struct {
	slots []mail.SlotWrite
	blobs []mail.ID // that parts refer to
	names []naming
	head  journal.Entry // the last one
}

// naming says that a row has a slot from now on, or has it no more.
type naming struct {
	slot mail.Slot
	has  bool
}

// writer is the one goroutine that changes anything.
type writer struct {
	db   *DB
	c    *conn
	head journal.Entry // the last one, as committed

	unchecked int // jobs since the log's length was looked at

	log logReader

	mu     sync.Mutex
	some   sync.Cond
	queue  []*job
	closed bool
}

func newWriter(db *DB, c *conn) *writer {
	w := &writer{db: db, c: c, log: logReader{path: filepath.Join(db.cfg.Dir, database+"-wal")}}
	w.some.L = &w.mu
	return w
}

// loadHead reads the end of the journal. From then on the writer knows it.
func (w *writer) loadHead() error {
	r := ReadTx{c: w.c, db: w.db}
	seq, hash, err := r.JournalHead()
	w.head = journal.Entry{Seq: seq, Hash: hash}
	return err
}

func (w *writer) add(j *job) error {
	if err := w.db.Fault(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return mail.E(mail.Again, "error.again", errors.New("the store is closed"))
	}
	w.queue = append(w.queue, j)
	w.some.Signal()
	return nil
}

func (w *writer) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.some.Signal()
}

func (w *writer) run() {
	for {
		batch := w.take()
		if batch == nil {
			return
		}
		if len(batch) == 1 && batch[0].between != nil {
			batch[0].err = batch[0].between()
			close(batch[0].done)
			continue
		}
		w.commit(batch)
		w.unchecked += len(batch)
		w.checkpoint()
	}
}

// take waits for jobs and takes all that are there: whoever came while the last
// commit went to the disk goes into the next one. What is done between two transactions
// is taken alone.
func (w *writer) take() []*job {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 {
		if w.closed {
			return nil
		}
		w.some.Wait()
	}
	n := min(len(w.queue), maxBatch)
	if i := slices.IndexFunc(w.queue[:n], func(j *job) bool { return j.between != nil }); i >= 0 {
		n = max(i, 1)
	}
	batch := make([]*job, 0, n)
	for _, j := range w.queue[:n] {
		if j.taken.CompareAndSwap(false, true) {
			batch = append(batch, j)
		}
	}
	w.queue = append([]*job(nil), w.queue[n:]...)
	return batch
}

// commit does a batch and tells each of its jobs.
func (w *writer) commit(batch []*job) {
	defer func() {
		for _, j := range batch {
			close(j.done)
		}
	}()
	err := w.db.Fault()
	if err == nil {
		err = w.db.answer("update", w.transact(batch))
	}
	if err == nil {
		return
	}
	for _, j := range batch {
		if j.err == nil {
			j.err = err
		}
	}
}

// transact does a batch up to its commit. Its error is that of the whole batch;
// those of single jobs stand in them.
func (w *writer) transact(batch []*job) error {
	w.c.dead = nil
	if _, err := w.c.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	var all effects
	all.head = w.head
	now := w.db.cfg.Clock.Now()
	good := 0
	for _, j := range batch {
		j.made = effects{head: all.head}
		if err := w.attempt(j, &all, now, len(batch) == 1); err != nil {
			w.rollback()
			return err
		}
		if j.err == nil {
			good++
			all.add(j.made)
		}
	}
	if good == 0 {
		w.rollback()
		return nil
	}
	// Before the commit, so that no row ever stands without its slot or blob.
	if err := w.syncFiles(&all); err != nil {
		w.rollback()
		w.abandon(&all)
		return err
	}
	if _, err := w.c.exec("COMMIT"); err != nil {
		w.rollback()
		// Full: no commit stands in the log. Else it might, and come true at the next
		// start; then it must find its slots. That holds too where only the log's index
		// had no room: SQLite makes that longer behind the commit.
		if diskFull(err) && !indexFull(err) {
			w.abandon(&all)
		}
		return fmt.Errorf("commit: %w", err)
	}
	w.settle(&all)
	return nil
}

// attempt does one job in a savepoint; one that is alone needs none, since its
// failure is the whole transaction's. The error is one after which the whole
// transaction is no more.
func (w *writer) attempt(j *job, all *effects, now time.Time, alone bool) error {
	if !alone {
		if _, err := w.c.exec("SAVEPOINT job"); err != nil {
			return err
		}
	}
	tx := &Tx{ReadTx: ReadTx{c: w.c, db: w.db, now: now, pending: all}, made: &j.made}
	j.err = call(j.do, tx)
	tx.c = nil // who kept it gets a panic, and no row of somebody else's transaction
	if w.c.dead != nil {
		j.err = nil // the batch's error says why
		return w.c.dead
	}
	if alone {
		return nil
	}
	if j.err != nil {
		if _, err := w.c.exec("ROLLBACK TO job"); err != nil {
			return err
		}
	}
	_, err := w.c.exec("RELEASE job")
	return err
}

// call turns a panic into an error: one caller's fault is not to end the others'
// transactions.
func call(do func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = mail.E(mail.Internal, "error.internal", fmt.Errorf("panic in a transaction: %v\n%s", v, debug.Stack()))
		}
	}()
	return do(tx)
}

// syncFiles makes slots and blob directories durable, all at the same time.
func (w *writer) syncFiles(all *effects) error {
	var tasks []func() error
	for which, list := range all.byFile() {
		if len(list) > 0 {
			tasks = append(tasks, func() error { return w.db.slots[which].write(list) })
		}
	}
	if len(all.blobs) > 0 {
		tasks = append(tasks, func() error { return w.db.blobs.syncDirs(all.blobs) })
	}
	errs := make([]error, len(tasks))
	var wait sync.WaitGroup
	for i, task := range tasks {
		if i == len(tasks)-1 {
			errs[i] = task()
			break
		}
		wait.Go(func() { errs[i] = task() })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// abandon takes back the slots of a batch that is certainly not committed.
func (w *writer) abandon(all *effects) {
	for which, list := range all.byFile() {
		if len(list) > 0 {
			w.db.slots[which].abandon(list)
		}
	}
}

// settle makes the effects of a committed batch true.
func (w *writer) settle(all *effects) {
	w.head = all.head
	for which, list := range all.byFile() {
		w.db.slots[which].settle(list, all.names)
	}
	for _, c := range w.db.remembering.all() {
		c.addBlobs(all.blobs)
	}
}

func (w *writer) rollback() {
	w.c.dead = nil
	// After some errors SQLite has rolled back by itself; then this one fails.
	_, _ = w.c.exec("ROLLBACK")
	w.c.dead = nil
}

func (e *effects) add(more effects) {
	e.slots = append(e.slots, more.slots...)
	e.blobs = append(e.blobs, more.blobs...)
	e.names = append(e.names, more.names...)
	e.head = more.head
}

func (e *effects) byFile() (files [2][]mail.SlotWrite) {
	for _, w := range e.slots {
		files[w.Slot.File] = append(files[w.Slot.File], w)
	}
	return files
}

// value finds a slot that is put, but not yet in its file.
func (e *effects) value(s mail.Slot) (mail.SlotValue, bool) {
	for i := len(e.slots) - 1; i >= 0; i-- {
		if e.slots[i].Slot == s {
			return e.slots[i].Value, true
		}
	}
	return mail.SlotValue{}, false
}
