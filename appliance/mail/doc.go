// Package mail holds the words: what a message is, who takes part in it and
// what may go wrong. Every other package speaks in these words; this one
// imports the standard library only.
//
// It never touches a disk, a socket or a key. Nothing in it can open what was
// sealed.
//
// Nothing of it is written as such: rows and wire formats are made from it by
// vault, seal and the doors.
//
// # What holds always
//
// A message changes its type as it changes its state, so that the compiler
// keeps clear text out of the store:
//
//	Draft   clear, just come in          made by intake, lives in memory
//	Sealed  nothing but ciphertext       the only thing that vault takes
//	Opened  clear, for one reader        made by the desk, never stored
//
// A Box is ciphertext. Only what seal and keyring returned may be converted
// to it; each conversion stands in desk, office or courier and can be found by
// its name.
//
// # Glossary
//
// The same thing has one name in SQL, Go, JSON and HTML.
//
//	message    one mail as its sender meant it, whoever it goes to
//	part       a piece of a message's content: head, body, raw or a file
//	upload     a file on its way into a draft, in pieces; half: what is there of it
//	head       subject, names and file names; what a list shows
//	holder     one party that may open a message, with a key slot of its own
//	wrap       the message's content key, locked for one holder
//	epoch      a short-lived key of one holder, under which wraps stand
//	slot       64 bytes in a file that is written and erased in place
//	house      the organisation that runs this appliance
//	person     somebody with a key of their own: of the house, or a registered recipient
//	recipient, registered  somebody from outside with an account and a mailbox of their own
//	guest      somebody who opens with a code and a proof, without an account
//	code       the 20 letters and digits of a link; the guest's secret
//	PIN        six digits by SMS; proves that the phone is there
//	factor     what a person shows beside the password: an app for codes, and a reserve phone
//	sign-in code  one of ten that a person has printed, each good once in the app's place
//	notice     a mail or SMS of ours that tells that there is a message
//	report     a notice to the sender: what became of each recipient
//	hold       a recipient waits, because something is missing
//	step       what happened to one recipient, and when
//	reading    a recipient has read for the first time, of which the sender is still to be told
//	mark       what somebody says of a letter in their list: read, or unread
//	thread     a message and the answers to it
//	recall     the sender ends a letter before its time
//	end        a holder's access is over; the key is gone
//	tombstone  what may still be said of a code after the end
//	ledger     the list of random ids of what was destroyed
//	journal    the chained record of every act
package mail
