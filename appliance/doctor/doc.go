// Package doctor says what would go wrong with a machine and its house's mail, and what to
// do about it: pure functions from facts to findings, used alike by `sigill doctor`, the
// administrator's page, the alarms and the setup.
//
// It mends nothing and sends nothing. It never names a person, a letter or a recipient: what
// it finds may be told by mail, to a webhook and in a log.
//
// Nothing of it is on disk. What it asks of the world is DNS, through a Resolver, and what
// the kernel says under /proc and /sys, through functions of their own (host.go) so that
// everything else is tested without a machine.
//
// What holds always: a Finding's sentence is the catalogue's What, and what to do about it
// What+".do", unless it is Good. What cannot be asked is said as not known (a Note), never as
// good.
package doctor
