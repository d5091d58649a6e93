// Package bench measures the product's own figures on this machine: rows 1 to 8, 10, 12
// and 15 of the targets, and two of its own, each as a ratio to a peer or a limit in the same run, or as
// a bound on memory and time. It starts this same binary as a child, with the
// commands that people use, and speaks to it through its real doors.
//
// It never touches an installation: everything happens on loopback and in a fresh
// directory, which is removed at the end. It never changes a setting of the machine,
// and ends only processes that it has started itself.
//
// On the wire are SMTP and HTTP as any client speaks them. On disk are the data
// directories of the children and the queue of a Postfix of its own, beside each
// other on the same file system, so that both wait for the same disk.
//
// What holds always: a figure is the median of rounds in which the two sides take
// turns, and stands with the smallest and the largest of them. What could not be
// measured is said, with the reason, and never counted as reached. No run is longer
// than its rounds, no round longer than a few seconds, and no mail is sent anywhere.
package bench
