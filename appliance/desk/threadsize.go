package desk

import "sigill/appliance/mail"

// fillSizes says of each line of a page how many letters its thread has in the mailbox.
func fillSizes(tx ReadTx, mailbox mail.ID, lines []Line) error {
	sizes, err := tx.ThreadSizes(mailbox, threadsOf(lines))
	if err != nil {
		return err
	}
	for i := range lines {
		lines[i].Thread = sizes[lines[i].Message.Thread]
	}
	return nil
}

// threadsOf returns the thread of each line of a page.
func threadsOf(lines []Line) []mail.ID {
	threads := make([]mail.ID, 0, len(lines))
	for _, l := range lines {
		threads = append(threads, l.Message.Thread)
	}
	return threads
}
