package intake

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// Returned is what a mail to one of our own return addresses says.
type Returned struct {
	Action Action
	Status string // RFC 3463, "5.1.1"; "" if it does not say
	Code   int    // SMTP reply code, 550; 0 if it does not say
	Auto   Auto
}

// Action is what became of a mail of ours (RFC 3464, 2.3.3).
type Action uint8

// The actions, the gravest last: of a report about several the gravest counts.
const (
	ActionNone      Action = iota // the mail is no delivery report
	ActionExpanded                // went to a list
	ActionRelayed                 // to a system that tells no more
	ActionDelivered               // arrived
	ActionDelayed                 // still tried
	ActionFailed                  // will not arrive
)

var actionNames = [...]string{"", "expanded", "relayed", "delivered", "delayed", "failed"}

// String returns RFC 3464's word, "" for none.
func (a Action) String() string { return actionNames[min(int(a), len(actionNames)-1)] }

// Auto says whether a machine wrote a mail (RFC 3834), so that nobody answers it.
type Auto uint8

// The kinds.
const (
	AutoNo     Auto = iota // a person wrote it, as far as one can tell
	AutoReply              // out of office
	AutoReport             // a delivery report or a read receipt
	AutoOther              // lists, newsletters, systems
)

// Bounce reads what came back to a return address. Of foreign text only numbers
// are taken over: whatever else a bounce says may be made up by anyone, and may
// hold what was sent. The error is Read's.
func Bounce(raw []byte, lim Limits) (Returned, error) {
	var f faults
	if err := scan(raw, lim, &f); err != nil {
		return Returned{}, err
	}
	root, err := build(raw, lim, &f)
	if err != nil {
		return Returned{}, err
	}
	r := Returned{Auto: automatic(root)}
	walk(root, func(p *part) {
		if k := p.kind.value; k == "message/delivery-status" || k == "message/global-delivery-status" {
			data, _, _ := decode(p.body, p.encoding, &f)
			r.deliveryStatus(data)
		}
	})
	if r.Action == ActionNone && r.Auto == AutoReport && root.kind.params["report-type"] != "disposition-notification" {
		r.guess(root, &f)
	}
	return r, nil
}

func walk(p *part, do func(*part)) {
	do(p)
	for _, c := range p.children {
		walk(c, do)
	}
}

// deliveryStatus reads the groups of a report (RFC 3464, 2).
func (r *Returned) deliveryStatus(data []byte) {
	var f faults
	for _, group := range bytes.Split(append(bytes.TrimSpace(data), '\r', '\n'), []byte("\r\n\r\n")) {
		h, _, err := readHeader(group, len(group), nil, &f)
		if err != nil {
			continue
		}
		action := actionOf(h.get("action"))
		if action == ActionNone || action < r.Action {
			continue
		}
		r.Action = action
		r.Status = enhanced.FindString(h.get("status"))
		kind, text, _ := strings.Cut(h.get("diagnostic-code"), ";")
		if strings.EqualFold(strings.TrimSpace(kind), "smtp") {
			r.Code = replyCode(text)
		} else {
			r.Code = 0
		}
	}
}

func actionOf(s string) Action {
	s, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(s)), " ")
	for a := ActionExpanded; a <= ActionFailed; a++ {
		if s == a.String() {
			return a
		}
	}
	return ActionNone
}

var (
	enhanced = regexp.MustCompile(`\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`) // RFC 3463, 2
	reply    = regexp.MustCompile(`\b[245][0-5][0-9]\b`)               // RFC 5321, 4.2
)

func replyCode(s string) int {
	n, _ := strconv.Atoi(reply.FindString(s))
	return n
}

// guess reads a bounce of a server that does not know RFC 3464.
func (r *Returned) guess(root *part, f *faults) {
	var text []byte
	walk(root, func(p *part) {
		if text == nil && !p.multipart() && (p.kind.value == "text/plain" || p.kind.value == "") {
			text, _, _ = decode(p.body, p.encoding, f)
		}
	})
	text = text[:min(len(text), 4096)] // behind it stands our own mail
	status := enhanced.Find(text)
	switch {
	case status == nil:
		return
	case status[0] == '5':
		r.Action = ActionFailed
	case status[0] == '4':
		r.Action = ActionDelayed
	default:
		return
	}
	r.Status, r.Code = string(status), replyCode(string(text))
	if r.Code/100 != int(status[0]-'0') {
		r.Code = 0
	}
}

// automatic tells what kind of machine wrote the mail.
func automatic(root *part) Auto {
	h := root.header
	submitted := readMedia(h.get("auto-submitted")).value // a word, then parameters or a comment (RFC 3834, 5)
	precedence := strings.ToLower(h.get("precedence"))
	from := strings.ToLower(h.get("from"))
	switch {
	case root.kind.value == "multipart/report":
		return AutoReport
	case strings.Contains(from, "mailer-daemon@") || strings.Contains(from, "<postmaster@") && h.get("return-path") == "<>":
		return AutoReport
	case h.get("x-failed-recipients") != "":
		return AutoReport
	case submitted == "auto-replied", precedence == "auto_reply", h.get("x-autoreply") != "", h.get("x-autorespond") != "",
		strings.EqualFold(h.get("x-auto-response-suppress"), "all") && submitted != "no":
		return AutoReply
	case submitted != "" && submitted != "no", precedence == "bulk", precedence == "list", precedence == "junk", h.get("list-id") != "", h.get("return-path") == "<>":
		return AutoOther
	}
	return AutoNo
}
