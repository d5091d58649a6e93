// Package syslog carries lines to a syslog server: the log as it is written, and events of the
// journal for a SIEM.
//
// It never holds up who writes: what there is no room for is dropped and counted. It looks at
// no line's words; what must not be said is not said to it.
//
// On the wire is RFC 5424, by a datagram each (unix, RFC 5426), or counted one after another
// on a connection (RFC 6587, 3.4.1; over TLS RFC 5425). TLS proves the server by its name.
//
// What holds always: a Queue has at most its length in memory, whatever the server does.
package syslog
