package portal

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// What an act will end is said in numbers before somebody presses its button.

// endsWithTrash is what emptying the trash destroys, and what it keeps.
func endsWithTrash(r *web.Request, n mail.TrashCount) (list []string) {
	if n.Ends > 0 {
		list = append(list, r.Printer().N("ends.trash.letters", n.Ends))
	}
	if n.Unread > 0 {
		list = append(list, r.Printer().N("ends.trash.unread", n.Unread))
	}
	if n.Last > 0 && !r.Viewer().Recipient {
		list = append(list, r.Printer().N("ends.trash.last", n.Last))
	}
	if kept := n.All - n.Ends; kept > 0 {
		list = append(list, r.Printer().N("ends.trash.kept", kept))
	}
	if n.Many() {
		list = append(list, r.T("ends.trash.many", "Count", n.All))
	}
	return list
}

// endsWithRecall is what recalling a letter ends for those to whom it went, and what stays.
func endsWithRecall(r *web.Request, to []recipientView) (list []string) {
	open, held, read, answers := 0, 0, 0, 0
	for _, v := range to {
		answers += v.Answers
		if !v.Live {
			continue
		}
		if v.Held {
			held++
			continue
		}
		open++
		if v.Read {
			read++
		}
	}
	if open+held == 0 {
		return nil
	}
	if open > 0 {
		list = append(list, r.Printer().N("ends.recall.open", open))
	}
	if read > 0 {
		list = append(list, r.Printer().N("ends.recall.read", read))
	} else if open > 0 {
		list = append(list, r.T("ends.recall.unread"))
	}
	if held > 0 {
		list = append(list, r.Printer().N("ends.recall.held", held))
	}
	if answers > 0 {
		list = append(list, r.Printer().N("ends.recall.answers", answers))
	}
	return append(list, r.T("ends.recall.own"))
}
