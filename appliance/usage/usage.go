// Package usage is the words and the arithmetic of what people and departments use: how
// many letters and SMS, at what cost, and how much lies here.
//
// It never knows what anybody is called, nor what a letter says or to whom it went: it
// has ids, days and numbers.
//
// Nothing of it is on disk; the table that WriteCSV writes goes to a browser.
//
// What holds always: the sums over any way to divide the same lines are the same.
package usage

import "sigill/appliance/mail"

// Line is what one person or function mailbox used on one day, in the department where
// they were at home when it was counted.
type Line struct {
	Day        Day
	Owner      mail.ID // the person or function mailbox
	Unit       mail.ID
	Letters    int64 // that were sent
	Recipients int64 // of those
	Bytes      int64 // of those, clear
	SMS        int64 // parts: what gateways charge for
	Cost       int64 // of the SMS, in millionths of the house's currency; 0: not known
	GroupSMS   int64 // of the SMS: those that a sponsored group pays itself
	GroupCost  int64 // of the cost: theirs
	Stored     int64 // bytes that lie there now, whatever the day; in no row
}

// Total is a sum of lines.
type Total struct {
	Letters    int64
	Recipients int64
	Bytes      int64
	SMS        int64
	Cost       int64
	GroupSMS   int64
	GroupCost  int64
	Unpriced   int64 // of SMS: those of which the cost is not known
	Stored     int64
}

// Add adds a line.
func (t *Total) Add(l Line) {
	t.Letters += l.Letters
	t.Recipients += l.Recipients
	t.Bytes += l.Bytes
	t.SMS += l.SMS
	t.Cost += l.Cost
	t.GroupSMS += l.GroupSMS
	t.GroupCost += l.GroupCost
	t.Stored += l.Stored
	if l.Cost == 0 {
		t.Unpriced += l.SMS
	}
}

// IsZero reports whether nothing was used.
func (t Total) IsZero() bool { return t == Total{} }

// Sum is all lines in one.
func Sum(lines []Line) (t Total) {
	for _, l := range lines {
		t.Add(l)
	}
	return t
}

// By divides lines by what key says of each, and sums each part.
func By[K comparable](lines []Line, key func(Line) K) map[K]Total {
	sums := map[K]Total{}
	for _, l := range lines {
		t := sums[key(l)]
		t.Add(l)
		sums[key(l)] = t
	}
	return sums
}

// ByUnit sums what was used in each unit itself.
func ByUnit(lines []Line) map[mail.ID]Total {
	return By(lines, func(l Line) mail.ID { return l.Unit })
}

// ByOwner sums what each person and function mailbox used, wherever they were.
func ByOwner(lines []Line) map[mail.ID]Total {
	return By(lines, func(l Line) mail.ID { return l.Owner })
}

// ByDay sums what was used on each day.
func ByDay(lines []Line) map[Day]Total {
	return By(lines, func(l Line) Day { return l.Day })
}

// ByCostCentre sums by the code that is said of each unit; "" is a code as well.
func ByCostCentre(lines []Line, code func(unit mail.ID) string) map[string]Total {
	return By(lines, func(l Line) string { return code(l.Unit) })
}

// ByBranch sums what was used in each unit and all below it. parent returns what a unit
// hangs below; ok is false for the root. It must come to an end.
func ByBranch(lines []Line, parent func(unit mail.ID) (up mail.ID, ok bool)) map[mail.ID]Total {
	sums := map[mail.ID]Total{}
	for unit, own := range ByUnit(lines) {
		for id, ok := unit, true; ok; id, ok = parent(id) {
			sums[id] = sums[id].And(own)
		}
	}
	return sums
}

// And is two sums in one.
func (t Total) And(o Total) Total {
	return Total{
		Letters: t.Letters + o.Letters, Recipients: t.Recipients + o.Recipients, Bytes: t.Bytes + o.Bytes,
		SMS: t.SMS + o.SMS, Cost: t.Cost + o.Cost, GroupSMS: t.GroupSMS + o.GroupSMS, GroupCost: t.GroupCost + o.GroupCost,
		Unpriced: t.Unpriced + o.Unpriced, Stored: t.Stored + o.Stored,
	}
}

// Within returns the lines of units of which in says yes.
func Within(lines []Line, in func(unit mail.ID) bool) []Line {
	known := map[mail.ID]bool{}
	var list []Line
	for _, l := range lines {
		yes, asked := known[l.Unit]
		if !asked {
			yes = in(l.Unit)
			known[l.Unit] = yes
		}
		if yes {
			list = append(list, l)
		}
	}
	return list
}
