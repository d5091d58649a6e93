package trap

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// maxTurn is how far the clock is turned at once.
const maxTurn = 20 * 366 * 24 * time.Hour

// site returns the pages, all of them here.
func (t *Trap) site(ctx context.Context) *fiber.App {
	app := fiber.New(fiber.Config{
		Immutable:             true, // else strings of a request change with the next one
		DisableStartupMessage: true,
		BodyLimit:             4 << 10,
		ReadTimeout:           30 * time.Second,
		WriteTimeout:          time.Minute,
		ErrorHandler:          t.fail,
	})
	app.Use(t.guard)
	app.Get("/", t.show)
	app.Get("/trap.css", t.file("trap.css", "text/css; charset=utf-8"))
	app.Get("/seal.svg", t.file("seal.svg", "image/svg+xml"))
	app.Get("/trap.js", t.file("trap.js", "text/javascript; charset=utf-8"))
	app.Get("/state", t.state)
	app.Get("/message/:id", t.html)
	app.Get("/message/:id/raw", t.raw)
	app.Get("/messages.json", func(c *fiber.Ctx) error { return c.JSON(t.box.all()) })
	app.Delete("/messages.json", t.clear)
	app.Post("/clear", t.clear) // a form cannot DELETE
	app.Get("/clock", func(c *fiber.Ctx) error { return c.JSON(fiber.Map{"now": t.Clock.Now()}) })
	app.Post("/clock", func(c *fiber.Ctx) error { return t.advance(ctx, c) })
	return app
}

// fail answers what went wrong, in one line.
func (t *Trap) fail(c *fiber.Ctx, err error) error {
	status := http.StatusInternalServerError
	var fe *fiber.Error
	if errors.As(err, &fe) {
		status = fe.Code
	} else {
		t.Log.Error("page", "err", err)
	}
	c.Set("Content-Type", "text/plain; charset=utf-8")
	return c.Status(status).SendString(strings.ToLower(http.StatusText(status)) + "\n")
}

func (t *Trap) file(name, media string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set("Content-Type", media)
		return c.Send(t.files[name])
	}
}

// show is the page for people.
func (t *Trap) show(c *fiber.Ctx) error {
	var b bytes.Buffer
	if err := t.page.ExecuteTemplate(&b, "page.html", t.view()); err != nil {
		return err
	}
	c.Set("Content-Type", "text/html; charset=utf-8")
	return c.Send(b.Bytes())
}

// state is what the page's script asks for: whether to look again, and the time.
func (t *Trap) state(c *fiber.Ctx) error {
	now := t.Clock.Now().In(t.Zone)
	return c.JSON(fiber.Map{"version": t.box.now(), "day": day(now), "time": now.Format("15:04:05")})
}

// html is a mail's HTML for the page's frame. It has a policy of its own: an origin
// that is nobody's, no script, and nothing is fetched.
func (t *Trap) html(c *fiber.Ctx) error {
	m, ok := t.box.get(c.Params("id"))
	if !ok || m.HTML == "" {
		return fiber.ErrNotFound
	}
	c.Set("Content-Security-Policy", "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'")
	c.Set("Content-Type", "text/html; charset=utf-8")
	// Links open beside the trap and not within the frame.
	body := strings.Replace(m.HTML, "<head>", `<head><base target="_blank">`, 1)
	return c.SendString(body)
}

// raw is a mail as it came.
func (t *Trap) raw(c *fiber.Ctx) error {
	m, ok := t.box.get(c.Params("id"))
	if !ok || m.Raw == "" {
		return fiber.ErrNotFound
	}
	c.Set("Content-Type", "text/plain; charset=utf-8")
	return c.SendString(m.Raw)
}

func (t *Trap) clear(c *fiber.Ctx) error {
	n := t.box.empty()
	if fromPage(c) {
		return c.Redirect("/", http.StatusSeeOther)
	}
	return c.JSON(fiber.Map{"deleted": n})
}

// advance turns the clock. What is due is done before it answers.
func (t *Trap) advance(ctx context.Context, c *fiber.Ctx) error {
	by := c.Query("advance")
	d, err := parseTurn(by)
	if err != nil {
		c.Set("Content-Type", "text/plain; charset=utf-8")
		return c.Status(http.StatusBadRequest).SendString("advance is a duration such as 1h, 720h or 30d\n")
	}
	done, err := t.turn(ctx, d, by)
	if err != nil {
		return err
	}
	if fromPage(c) {
		return c.Redirect("/", http.StatusSeeOther)
	}
	list := done.Done
	if list == nil {
		list = []string{}
	}
	return c.JSON(fiber.Map{"now": done.To, "done": list})
}

// parseTurn reads "720h" or "30d". A clock is only turned forward.
func parseTurn(s string) (time.Duration, error) {
	if n, ok := strings.CutSuffix(s, "d"); ok {
		days, err := strconv.Atoi(n)
		if err != nil || days < 0 || days > int(maxTurn/(24*time.Hour)) {
			return 0, errors.New("not a number of days")
		}
		return time.Duration(days) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > maxTurn {
		return 0, errors.New("not a duration")
	}
	return d, nil
}

// fromPage: a form of the page wants a page, a program wants JSON.
func fromPage(c *fiber.Ctx) bool { return strings.Contains(c.Get("Accept"), "text/html") }
