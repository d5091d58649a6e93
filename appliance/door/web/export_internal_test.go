package web

// CookieText shows a token as its cookie does, to tests outside the package.
func CookieText(t Token) string { return t.cookie() }
