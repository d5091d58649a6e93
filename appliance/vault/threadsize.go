package vault

import (
	"fmt"
	"strings"

	"sigill/appliance/mail"
)

// ThreadSizes returns how many letters each of these threads has in a mailbox that have not
// ended, as MailboxThread lists them: of a page, at most 200 threads. One of which there is
// none is not in it. The error is Invalid for more.
func (tx *ReadTx) ThreadSizes(owner mail.ID, threads []mail.ID) (map[mail.ID]int, error) {
	sizes := map[mail.ID]int{}
	args, err := pageOfThreads(owner, threads)
	if args == nil {
		return sizes, err
	}
	type size struct {
		thread mail.ID
		n      int
	}
	scan := func(s scanner) (v size, err error) { return v, s.Scan(intoID{&v.thread}, number(&v.n)) }
	list, err := all(tx.c, scan, threadSizes, args...)
	for _, v := range list {
		sizes[v.thread] = v.n
	}
	return sizes, err
}

// Without the order and the indexes SQLite, which has no figures of the tables, would go
// through the whole mailbox.
var threadSizes = `
		SELECT t.thread, COUNT(*)
		FROM message AS t INDEXED BY message_thread
		CROSS JOIN holder AS c INDEXED BY holder_message ON c.message = t.id
		WHERE c.owner = ? AND t.state = 1 AND c.kind = 1 AND c.state = 1 AND c.folder < 4 AND t.thread IN ` + aPage + `
		GROUP BY t.thread`

// aPage is as many places as a page has lines: one statement for all lengths, because each
// that is prepared is kept.
var aPage = "(?" + strings.Repeat(", ?", maxPage-1) + ")"

// pageOfThreads are the arguments of a query of a mailbox and the threads of a page of it, in
// aPage: the last thread is asked for again and again until the places are full. They are nil
// if there are none; the error is Invalid for more than a page has.
func pageOfThreads(mailbox mail.ID, threads []mail.ID) ([]any, error) {
	if len(threads) == 0 {
		return nil, nil
	}
	if len(threads) > maxPage {
		return nil, mail.E(mail.Invalid, "error.invalid", fmt.Errorf("a page of %d threads", len(threads)))
	}
	args := make([]any, 1+maxPage)
	args[0] = mailbox[:]
	for i := range maxPage {
		args[1+i] = threads[min(i, len(threads)-1)][:]
	}
	return args, nil
}
