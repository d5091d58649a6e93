package vault

import (
	"context"
	"strings"
	"testing"
)

// The menu stands on each page, and a page of a mailbox is asked for all day: what they
// read must not grow with the mailbox (7-targets, row 9).
func TestMailboxesAreReadByTheirIndexes(t *testing.T) {
	db := openStill(t)
	for name, c := range map[string]struct {
		query string
		args  int
		by    []string
	}{
		"a folder":                        {folderRows, 5, []string{"holder_owner (owner=? AND folder=? AND (at,id)<(?,?))"}},
		"what others have not read":       {unreadSentRows, 4, []string{"holder_owner (owner=? AND folder=? AND (at,id)<(?,?))", "holder_message (message=?)"}},
		"what is unread":                  {unreadRows, 5, []string{"holder_unread (owner=? AND at>? AND (at,id)<(?,?))"}},
		"what waits for somebody":         {standingQuery, 6, []string{"holder_unread (owner=? AND at>?)", "holder_owner (owner=? AND folder=?)", "holder_held"}},
		"how long threads are":            {threadSizes, 1 + maxPage, []string{"message_thread (thread=?)", "holder_message (message=?)"}},
		"what waits for a word of theirs": {heldQuery, 2, []string{"holder_held"}},
	} {
		t.Run(name, func(t *testing.T) {
			plan := planOf(t, db, c.query, c.args)
			for _, index := range c.by {
				if !strings.Contains(plan, index) {
					t.Errorf("not by %s:\n%s", index, plan)
				}
			}
			for line := range strings.Lines(plan) {
				all := strings.Contains(line, "SCAN") && !strings.Contains(line, "holder_held") && !strings.Contains(line, "subquery") && !strings.Contains(line, "CONSTANT ROW")
				if all || strings.Contains(line, "TEMP B-TREE FOR ORDER BY") && c.query != heldQuery {
					t.Errorf("reads or sorts all: %s", line)
				}
			}
		})
	}
}

// planOf is how SQLite would answer a query.
func planOf(t *testing.T, db *DB, query string, n int) (plan string) {
	t.Helper()
	err := db.View(context.Background(), func(tx *ReadTx) error {
		scan := func(s scanner) (line string, err error) {
			var id, parent, none int64
			return line, s.Scan(&id, &parent, &none, &line)
		}
		args := make([]any, n)
		for i := range args {
			args[i] = int64(1)
		}
		list, err := all(tx.c, scan, "EXPLAIN QUERY PLAN "+query, args...)
		plan = strings.Join(list, "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
