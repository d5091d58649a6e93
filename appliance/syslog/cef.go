package syslog

import (
	"fmt"
	"strings"
)

// CEF is an event in the Common Event Format (ArcSight, version 0): what most SIEM read.
type CEF struct {
	Class    string // what kind of event it is
	Name     string // the same in words
	Severity int    // 0 to 10
	// Fields are keys and values in turn; those with an empty value are left out.
	Fields []string
}

// String is the event in one line.
func (e CEF) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CEF:0|Sigill|Sigill|1|%s|%s|%d|", head(e.Class), head(e.Name), e.Severity)
	between := ""
	for i := 0; i+1 < len(e.Fields); i += 2 {
		if e.Fields[i+1] != "" {
			b.WriteString(between + e.Fields[i] + "=" + value(e.Fields[i+1]))
			between = " "
		}
	}
	return b.String()
}

// head escapes what stands between the bars, and value what stands behind a "=".
func head(s string) string {
	return strings.NewReplacer(`\`, `\\`, `|`, `\|`, "\n", " ", "\r", " ").Replace(s)
}

func value(s string) string {
	return strings.NewReplacer(`\`, `\\`, `=`, `\=`, "\n", `\n`, "\r", `\r`).Replace(s)
}
