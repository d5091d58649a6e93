package trap

import (
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// hostsOf are the Host headers under which the trap answers. A name of a
// stranger's that resolves to 127.0.0.1 is not among them, so his page cannot read
// the trap as if it were his own (DNS rebinding).
func hostsOf(port int) map[string]bool {
	m := map[string]bool{}
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		m[net.JoinHostPort(name, strconv.Itoa(port))] = true
	}
	return m
}

// guard refuses what does not come from the page itself or from a program.
func (t *Trap) guard(c *fiber.Ctx) error {
	host := strings.ToLower(string(c.Request().Header.Host()))
	if !t.hosts[host] {
		return c.Status(http.StatusMisdirectedRequest).SendString("the trap answers on localhost only\n")
	}
	if m := c.Method(); m != http.MethodGet && m != http.MethodHead {
		// Browsers send at least one of the two with what another site makes them do;
		// programs send neither.
		site := c.Get("Sec-Fetch-Site")
		if site != "" && site != "same-origin" && site != "none" {
			return c.Status(http.StatusForbidden).SendString("not from another site\n")
		}
		if o := c.Get("Origin"); o != "" {
			u, err := url.Parse(o)
			if err != nil || u.Scheme != "http" || strings.ToLower(u.Host) != host {
				return c.Status(http.StatusForbidden).SendString("not from another site\n")
			}
		}
	}
	c.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'")
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	// Not "no-referrer": with it browsers send "Origin: null" from our own forms.
	c.Set("Referrer-Policy", "same-origin")
	c.Set("Cache-Control", "no-store")
	return c.Next()
}
