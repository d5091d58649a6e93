package courier

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Balance is what is left at a provider of SMS.
type Balance struct {
	Provider string // its name in the configuration
	Known    bool   // it has answered
	Left     int64  // in millionths of Currency
	Currency string // ISO 4217
}

// balancer is a gateway whose provider tells what is left.
type balancer interface {
	balance(ctx context.Context) (Balance, error)
}

// Balances asks the providers that tell it what is left there. One that does not answer is in
// the list all the same.
func (f *Failover) Balances(ctx context.Context) (list []Balance) {
	for _, g := range f.list {
		b, ok := g.Gateway.(balancer)
		if !ok {
			continue
		}
		left, err := b.balance(ctx)
		left.Provider, left.Known = g.Name, err == nil
		list = append(list, left)
	}
	return list
}

// mostLeft bounds what a provider says is left, in its units: more is a slip of theirs.
const mostLeft = 1 << 50

// balance asks 46elks for the account (46elks.com/docs/get-account): its balance is in
// 1/10000 of the currency.
func (e *elks) balance(ctx context.Context) (Balance, error) {
	at, err := url.Parse(e.URL)
	if err != nil {
		return Balance{}, err
	}
	at.Path, at.RawQuery = strings.TrimSuffix(at.Path, "/sms")+"/me", ""
	req, err := http.NewRequest(http.MethodGet, at.String(), nil)
	if err != nil {
		return Balance{}, &GatewayError{Provider: e.name, Detail: "request", Sure: true}
	}
	req.SetBasicAuth(e.User, string(e.Password))
	status, body, err := e.do(ctx, req)
	if err != nil {
		return Balance{}, err
	}
	// Of the answer nothing else is read: it holds the account's own address and number.
	var answer struct {
		Balance  json.RawMessage `json:"balance"`
		Currency string          `json:"currency"`
	}
	if status != http.StatusOK || json.Unmarshal(body, &answer) != nil || len(answer.Currency) != 3 {
		return Balance{}, &GatewayError{Provider: e.name, Status: status, Detail: "answer"}
	}
	n, err := strconv.ParseInt(string(answer.Balance), 10, 64)
	if err != nil || n > mostLeft || n < -mostLeft {
		return Balance{}, &GatewayError{Provider: e.name, Status: status, Detail: "answer"}
	}
	return Balance{Left: n * 100, Currency: strings.ToUpper(answer.Currency)}, nil
}
