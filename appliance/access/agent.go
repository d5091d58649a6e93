package access

import "strings"

// Agent is a browser in words, as its owner would name it: "Firefox", "Windows". It says
// what the browser says of itself, and so proves nothing. What is not known is "".
type Agent struct{ Browser, System string }

// maxAgent bounds what is read of a User-Agent, in bytes.
const maxAgent = 512

// ReadAgent reads a User-Agent header (RFC 9110, 10.1.5). The words are ours: nothing of
// the header itself is kept or shown.
func ReadAgent(header string) Agent {
	if len(header) > maxAgent {
		header = header[:maxAgent]
	}
	first := func(list [][2]string) string {
		for _, w := range list {
			if strings.Contains(header, w[0]) {
				return w[1]
			}
		}
		return ""
	}
	return Agent{
		// Those that say to be another one too come before it.
		Browser: first([][2]string{
			{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"}, {"Firefox/", "Firefox"},
			{"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
		}),
		System: first([][2]string{
			{"Windows", "Windows"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"},
			{"Mac OS X", "macOS"}, {"Linux", "Linux"},
		}),
	}
}
