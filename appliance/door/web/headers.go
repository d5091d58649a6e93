package web

import "github.com/valyala/fasthttp"

// pagePolicy is the Content-Security-Policy of pages. Scripts and styles come
// from our own files only, nothing inline; a form goes nowhere else; nobody frames
// us. data: pictures are the style's own icons.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// filePolicy is that of downloads: even if a browser shows one, nothing in it
// runs, loads or belongs to our origin.
const filePolicy = "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const noFeatures = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), " +
	"geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), " +
	"xr-spatial-tracking=(), browsing-topics=(), interest-cohort=()"

// harden puts the security headers on any answer, whoever made it. What the
// answer has set itself stays.
func harden(h *fasthttp.ResponseHeader) {
	set := func(name, value string) {
		if len(h.Peek(name)) == 0 {
			h.Set(name, value)
		}
	}
	set("Content-Security-Policy", pagePolicy)
	set("X-Content-Type-Options", "nosniff")
	set("Cross-Origin-Opener-Policy", "same-origin")
	set("Cross-Origin-Resource-Policy", "same-origin")
	set("Permissions-Policy", noFeatures)
	set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
	set("X-Robots-Tag", "noindex, nofollow")
	// Nothing goes to other sites, as with no-referrer; but our own forms keep
	// their Origin, without which older browsers cannot be told from an attack.
	set("Referrer-Policy", "same-origin")
	// Answers are about one person: neither a proxy nor the disk keeps them.
	set("Cache-Control", "no-store")
}

// strictTransport is RFC 6797, 6.1: two years.
const strictTransport = "max-age=63072000"
