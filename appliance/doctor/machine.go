package doctor

import (
	"fmt"
	"slices"
	"time"
)

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30
)

// When the disk is too small.
const (
	roomLeast = gib      // below it no letter may be taken soon
	roomLow   = 10       // percent of the disk
	roomMost  = 50 * gib // enough, whatever the percentage
)

// Disk says whether there is room, and whether overwriting reaches the medium.
func Disk(f DiskFact) []Finding {
	free := "Free"
	var list []Finding
	switch {
	case f.All == 0: // not known
	case f.Free <= roomLeast:
		list = append(list, finding(Fault, "machine.room", "doctor.room.out", free, size(f.Free)))
	case f.Free <= roomMost && f.Free*100 <= f.All*roomLow:
		list = append(list, finding(Warn, "machine.room", "doctor.room.low", free, size(f.Free)))
	default:
		list = append(list, good("machine.room"))
	}
	if f.FS == "" {
		return list
	}
	const check = "machine.medium"
	if !f.InPlace {
		return append(list, finding(Warn, check, mediumWhat(f.Doubts), "System", f.FS))
	}
	for _, d := range f.Doubts {
		if d == "flash" {
			return append(list, finding(Note, check, "doctor.medium.flash", "System", f.FS))
		}
	}
	return append(list, good(check))
}

// mediumWhat is the sentence for the first doubt, which is the file system's own.
func mediumWhat(doubts []string) string {
	if len(doubts) > 0 {
		switch doubts[0] {
		case "copyonwrite", "logstruct":
			return "doctor.medium.copies"
		case "datajournal":
			return "doctor.medium.journal"
		case "memory":
			return "doctor.medium.memory"
		}
	}
	return "doctor.medium.other"
}

// ClockCheck says whether times can be believed: letters end by them.
func ClockCheck(f ClockFact) []Finding {
	hours := fmt.Sprint(int(f.Ahead.Abs() / time.Hour))
	var list []Finding
	switch {
	case f.Held:
		list = append(list, finding(Fault, "machine.clock", "doctor.clock.ahead", "Hours", hours))
	case f.Behind:
		list = append(list, finding(Fault, "machine.clock", "doctor.clock.behind", "Hours", hours))
	default:
		list = append(list, good("machine.clock"))
	}
	const check = "machine.synced"
	switch {
	case !f.Known:
		list = append(list, finding(Note, check, "doctor.synced.unknown"))
	case !f.Synced:
		list = append(list, finding(Warn, check, "doctor.synced.not"))
	default:
		list = append(list, good(check))
	}
	return list
}

// Host says whether anything of the memory may come to a disk, and for how many people the
// machine suffices.
func Host(f HostFact, people int) []Finding {
	var list []Finding
	switch {
	case f.Swap == 0 || !f.Root && f.SwapMost == 0:
		list = append(list, good("machine.swap"))
	case f.Root:
		list = append(list, finding(Note, "machine.swap", "doctor.swap.unknown"))
	default:
		list = append(list, finding(Warn, "machine.swap", "doctor.swap.on"))
	}
	switch {
	case f.Root:
	case f.CoreMost == 0:
		list = append(list, good("machine.core"))
	default:
		list = append(list, finding(Warn, "machine.core", "doctor.core.on"))
	}
	return append(list, Size(f, people)...)
}

// Needs is what a machine wants to serve so many people. The figures are of the product's own
// measurements: Argon2id takes 64 MiB for each of two who sign in at once, and the rest grows
// with who is signed in.
type Needs struct {
	People     int // up to
	Memory     int64
	Processors int
	Disk       int64
}

// Sizes are the machines that are recommended, the smallest first.
func Sizes() []Needs {
	return []Needs{
		{200, 512 * mib, 1, 10 * gib},
		{2000, 2 * gib, 2, 50 * gib},
		{10000, 4 * gib, 4, 200 * gib},
		{50000, 16 * gib, 8, 1000 * gib},
	}
}

// slack is how much less of memory than its name says a machine of a size may have: the
// kernel keeps some for itself. In percent.
const slack = 15

// Size says whether memory and processors suffice for so many people.
func Size(f HostFact, people int) []Finding {
	const check = "machine.size"
	if f.Memory == 0 || f.Processors == 0 {
		return nil
	}
	sizes := Sizes()
	want := sizes[len(sizes)-1]
	for _, s := range sizes {
		if people <= s.People {
			want = s
			break
		}
	}
	args := []string{"Memory", size(f.Memory), "Processors", fmt.Sprint(f.Processors), "People", fmt.Sprint(people), "WantMemory", size(want.Memory), "WantProcessors", fmt.Sprint(want.Processors)}
	if f.Memory < want.Memory*(100-slack)/100 || f.Processors < want.Processors {
		return []Finding{finding(Warn, check, "doctor.size.small", args...)}
	}
	return []Finding{finding(Good, check, "doctor.size.good", "Memory", size(f.Memory), "Processors", fmt.Sprint(f.Processors), "People", fmt.Sprint(people))}
}

// Modes says which places others than the service could read or change.
func Modes(list []ModeFact) []Finding {
	const check = "machine.modes"
	var found []Finding
	for _, m := range list {
		if len(m.Ours) > 0 && !slices.Contains(m.Ours, m.Owner) {
			found = append(found, finding(Fault, check, "doctor.modes.owner", "Path", m.Path, "Owner", fmt.Sprint(m.Owner), "Want", fmt.Sprint(m.Ours[0])))
		}
		if m.Mode&^m.Want != 0 {
			found = append(found, finding(Fault, check, "doctor.modes.open", "Path", m.Path, "Mode", fmt.Sprintf("%04o", m.Mode), "Want", fmt.Sprintf("%04o", m.Want)))
		}
	}
	if len(found) == 0 {
		found = append(found, good(check))
	}
	return found
}

// size is a number of bytes as it stands in every language.
func size(n int64) string {
	switch {
	case n >= 10*gib:
		return fmt.Sprintf("%d GB", (n+gib/2)/gib)
	case n >= 10*mib:
		return fmt.Sprintf("%d MB", (n+mib/2)/mib)
	}
	return fmt.Sprintf("%d kB", (n+kib/2)/kib)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
